//! Tags of rooms (spec: "Room tagging").

mod create_tag;
mod delete_tag;
mod get_tags;

use ruma::api::client::tag::{create_tag::v3 as create_v3, delete_tag::v3 as delete_v3, get_tags::v3 as get_v3};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_tags::handle)
        .endpoint::<create_v3::Request, _, _>(Class::Write, create_tag::handle)
        .endpoint::<delete_v3::Request, _, _>(Class::Write, delete_tag::handle)
}
