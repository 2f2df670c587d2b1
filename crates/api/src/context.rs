//! What stands around an event.

mod get_context;

use ruma::api::client::context::get_context::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, get_context::handle)
}
