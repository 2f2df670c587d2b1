//! Logging in and out (spec: "Legacy API", login and logout).

mod get_login_types;
pub(crate) mod lifetime;
mod login;
mod logout;
mod logout_all;
mod refresh_token;

use ruma::api::client::session::{
    get_login_types::v3 as types, login::v3 as login_v3, logout::v3 as logout_v3, logout_all::v3 as logout_all_v3,
    refresh_token::v3 as refresh_v3,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<types::Request, _, _>(Class::Public, get_login_types::handle)
        .endpoint::<login_v3::Request, _, _>(Class::Login, login::handle)
        .endpoint::<logout_v3::Request, _, _>(Class::Logout, logout::handle)
        .endpoint::<logout_all_v3::Request, _, _>(Class::Logout, logout_all::handle)
        .endpoint::<refresh_v3::Request, _, _>(Class::Login, refresh_token::handle)
}
