//! Help for calls (spec: "Voice over IP").

mod credentials;
mod get_turn_server_info;

use ruma::api::client::voip::get_turn_server_info::v3;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<v3::Request, _, _>(Class::Read, get_turn_server_info::handle)
}
