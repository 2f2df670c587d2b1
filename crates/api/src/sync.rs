//! Syncing: `/sync` and simplified sliding sync, and the waiting that both have in common.

mod acknowledge;
pub(crate) mod connections;
mod federation;
mod poll;
mod shape;
pub(crate) mod sliding;
mod sliding_pos;
mod sliding_shape;
mod sync_events;
mod typing;

use ruma::api::client::sync::sync_events::{v3, v5};

use crate::{class::Class, endpoint::Routes};

/// The endpoints of this area.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<v3::Request, _, _>(Class::Sync, sync_events::handle)
        .endpoint::<v5::Request, _, _>(Class::Sync, sliding::handle)
}
