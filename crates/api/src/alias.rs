//! Room addresses.

mod create_alias;
mod delete_alias;
mod get_alias;

use ruma::api::client::alias as ruma_alias;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_alias::create_alias::v3::Request, _, _>(Class::Write, create_alias::handle)
        .endpoint::<ruma_alias::delete_alias::v3::Request, _, _>(Class::Write, delete_alias::handle)
        .endpoint::<ruma_alias::get_alias::v3::Request, _, _>(Class::Public, get_alias::handle)
}
