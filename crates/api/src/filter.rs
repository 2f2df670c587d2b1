//! Filters for syncs (spec: "Filtering").

mod create_filter;
mod get_filter;

use ruma::api::client::filter::{create_filter::v3 as create_v3, get_filter::v3 as get_v3};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<create_v3::Request, _, _>(Class::Write, create_filter::handle)
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_filter::handle)
}
