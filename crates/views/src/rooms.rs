//! The timelines and the state of rooms, by position in the log.
//!
//! Every row is a function of one PDU and its position, and "which is newest" is the largest position, never the last
//! write. So it makes no difference whether a redacted PDU was folded when it was sent or, its payload being erased,
//! only when it was redacted.

mod fold;
mod info;
mod newest;
mod power;
mod relation;
mod relations;
mod row;
mod search;
mod state;
mod stripped;
mod tables;
#[cfg(test)]
mod tests;
mod threads;
mod timeline;
mod window;

pub use fold::RoomsView;
pub use info::{RoomInfo, room_info};
pub use newest::{Newest, newest_of_timeline};
pub use power::power_levels_of;
pub use relation::Relation;
pub use relations::{
    RELATED_MAX, RelationFilter, Walk, newest_edits, newest_related, newest_relations, relations_of, replies_through,
    visit_related,
};
pub use row::TimelineRow;
pub use search::nearest_to_time;
pub use state::{StateKey, current_state, state_at, state_changes, state_event, state_event_at, state_history, state_keys};
pub use stripped::stripped_state;
pub(crate) use threads::{MAIN, thread_by};
pub use threads::{is_of_thread, thread_of};
pub use timeline::{
    Entry, entry_at, entry_of, entry_of_event, has_newer, may_have_newer, newest_position, next_room, oldest_position,
    timeline_after, timeline_before,
};
pub use window::{Verdict, Window, window};
