//! Spaces: rooms that hold rooms.

mod get_hierarchy;

use ruma::api::client::space::get_hierarchy::v1;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v1::Request, _, _>(Class::Read, get_hierarchy::handle)
}
