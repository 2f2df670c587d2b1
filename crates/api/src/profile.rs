//! Profiles (spec: "Profiles"). The endpoints for a field serve the display name and the avatar as well.

mod delete_profile_field;
mod get_profile;
mod get_profile_field;
mod set_profile_field;

use ruma::api::client::profile::{
    delete_profile_field::v3 as delete_v3, get_profile::v3 as get_v3, get_profile_field::v3 as get_field_v3,
    set_profile_field::v3 as set_field_v3,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Profile, get_profile::handle)
        .endpoint::<get_field_v3::Request, _, _>(Class::Profile, get_profile_field::handle)
        .endpoint::<set_field_v3::Request, _, _>(Class::Write, set_profile_field::handle)
        .endpoint::<delete_v3::Request, _, _>(Class::Write, delete_profile_field::handle)
}
