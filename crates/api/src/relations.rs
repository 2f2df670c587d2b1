//! Events that relate to an event.

mod answer;
mod get_relating_events;
mod get_relating_events_with_rel_type;
mod get_relating_events_with_rel_type_and_event_type;

use ruma::api::client::relations as ruma_relations;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_relations::get_relating_events::v1::Request, _, _>(Class::Read, get_relating_events::handle)
        .endpoint::<ruma_relations::get_relating_events_with_rel_type::v1::Request, _, _>(
            Class::Read,
            get_relating_events_with_rel_type::handle,
        )
        .endpoint::<ruma_relations::get_relating_events_with_rel_type_and_event_type::v1::Request, _, _>(
            Class::Read,
            get_relating_events_with_rel_type_and_event_type::handle,
        )
}
