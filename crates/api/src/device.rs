//! Devices (spec: "Device management").

mod delete_device;
mod delete_devices;
mod get_device;
mod get_devices;
mod render;
mod update_device;

use ruma::api::client::device::{
    delete_device::v3 as delete_v3, delete_devices::v3 as delete_many_v3, get_device::v3 as get_v3,
    get_devices::v3 as list_v3, update_device::v3 as update_v3,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<list_v3::Request, _, _>(Class::Read, get_devices::handle)
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_device::handle)
        .endpoint::<update_v3::Request, _, _>(Class::Write, update_device::handle)
        .endpoint::<delete_v3::Request, _, _>(Class::Write, delete_device::handle)
        .endpoint::<delete_many_v3::Request, _, _>(Class::Write, delete_devices::handle)
}
