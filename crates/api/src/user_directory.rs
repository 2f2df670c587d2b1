//! Finding people (spec: "User directory").

pub(crate) mod search_users;

use ruma::api::client::user_directory::search_users::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, search_users::handle)
}
