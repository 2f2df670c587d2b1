//! Dehydrated devices (MSC3814).

mod delete_dehydrated_device;
mod get_dehydrated_device;
mod get_events;
mod put_dehydrated_device;

use ruma::api::client::dehydrated_device as endpoints;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<endpoints::put_dehydrated_device::unstable::Request, _, _>(Class::Write, put_dehydrated_device::handle)
        .endpoint::<endpoints::get_dehydrated_device::unstable::Request, _, _>(Class::Read, get_dehydrated_device::handle)
        .endpoint::<endpoints::delete_dehydrated_device::unstable::Request, _, _>(
            Class::Write,
            delete_dehydrated_device::handle,
        )
        .endpoint::<endpoints::get_events::unstable::Request, _, _>(Class::Read, get_events::handle)
}
