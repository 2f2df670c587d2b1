//! Account data (spec: "Client Config"). Tags, push rules and read markers have endpoints of their own.

mod content;
mod get_global_account_data;
mod get_room_account_data;
mod set_global_account_data;
mod set_room_account_data;

use ruma::api::client::config::{
    get_global_account_data::v3 as get_v3, get_room_account_data::v3 as get_room_v3, set_global_account_data::v3 as set_v3,
    set_room_account_data::v3 as set_room_v3,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_global_account_data::handle)
        .endpoint::<set_v3::Request, _, _>(Class::Write, set_global_account_data::handle)
        .endpoint::<get_room_v3::Request, _, _>(Class::Read, get_room_account_data::handle)
        .endpoint::<set_room_v3::Request, _, _>(Class::Write, set_room_account_data::handle)
}
