//! What accounts are told of their own use (spec: "Server Administration"). The server has no admins among its accounts.

mod get_user_info;

use ruma::api::client::admin::get_user_info::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, get_user_info::handle)
}
