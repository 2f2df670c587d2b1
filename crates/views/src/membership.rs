//! Who is, was or is invited to be in which room, by room and by user, now and at any position.
//!
//! As in the rooms view, the largest position counts and not the last write: redacted member events come late.

mod by_room;
mod by_user;
mod counts;
mod fold;
mod history;
mod invitations;
mod reach;
mod shared;
mod sight;
mod tables;
#[cfg(test)]
mod tests;

pub use by_room::{count_with, joined_members, member, members_after, users_with};
pub use by_user::{
    changes_since, has_many_rooms, is_forgotten, joined_at, joined_rooms, membership_of, rooms_of, rooms_with,
};
pub use counts::{HEROES_MAX, Summary, summary};
pub use fold::MembershipView;
pub use history::{history_of, membership_at};
pub use invitations::is_unwanted;
pub use reach::reaches;
pub use shared::{SharedChanges, people_of, shared_changes, shares_a_room, users_sharing_rooms};
pub use sight::Sight;
pub use tables::{Change, Member, RoomOfUser};
