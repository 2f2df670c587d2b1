//! The threads of a room.

mod get_threads;

use ruma::api::client::threads::get_threads::v1;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v1::Request, _, _>(Class::Read, get_threads::handle)
}
