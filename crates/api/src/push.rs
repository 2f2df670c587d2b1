//! Push rules, pushers and notifications (spec: "Push Notifications").

mod delete_pushrule;
mod get_notifications;
mod get_pushers;
mod get_pushrule;
mod get_pushrule_actions;
mod get_pushrule_enabled;
mod get_pushrules_all;
mod get_pushrules_global_scope;
mod rule;
mod set_pusher;
mod set_pushrule;
mod set_pushrule_actions;
mod set_pushrule_enabled;

use ruma::api::client::push::{
    delete_pushrule::v3 as delete_v3, get_notifications::v3 as notifications_v3, get_pushers::v3 as pushers_v3,
    get_pushrule::v3 as get_v3, get_pushrule_actions::v3 as get_actions_v3, get_pushrule_enabled::v3 as get_enabled_v3,
    get_pushrules_all::v3 as all_v3, get_pushrules_global_scope::v3 as global_v3, set_pusher::v3 as set_pusher_v3,
    set_pushrule::v3 as set_v3, set_pushrule_actions::v3 as set_actions_v3, set_pushrule_enabled::v3 as set_enabled_v3,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<all_v3::Request, _, _>(Class::Read, get_pushrules_all::handle)
        .endpoint::<global_v3::Request, _, _>(Class::Read, get_pushrules_global_scope::handle)
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_pushrule::handle)
        .endpoint::<set_v3::Request, _, _>(Class::Write, set_pushrule::handle)
        .endpoint::<delete_v3::Request, _, _>(Class::Write, delete_pushrule::handle)
        .endpoint::<get_actions_v3::Request, _, _>(Class::Read, get_pushrule_actions::handle)
        .endpoint::<set_actions_v3::Request, _, _>(Class::Write, set_pushrule_actions::handle)
        .endpoint::<get_enabled_v3::Request, _, _>(Class::Read, get_pushrule_enabled::handle)
        .endpoint::<set_enabled_v3::Request, _, _>(Class::Write, set_pushrule_enabled::handle)
        .endpoint::<pushers_v3::Request, _, _>(Class::Read, get_pushers::handle)
        .endpoint::<set_pusher_v3::Request, _, _>(Class::Write, set_pusher::handle)
        .endpoint::<notifications_v3::Request, _, _>(Class::Read, get_notifications::handle)
}
