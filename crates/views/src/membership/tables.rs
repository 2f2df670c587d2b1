//! The view's tables, and what is in them.

use projection::Table;
use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, events::room::member::MembershipState};
use serde::{Deserialize, Serialize};

pub(super) const VIEW: u8 = 2;

/// (room, user) to the newest membership.
pub(super) const MEMBERS: Table<(String, String), Member> = Table::new(VIEW, 1);
/// (user, room) to the newest membership.
pub(super) const ROOMS: Table<(String, String), RoomOfUser> = Table::new(VIEW, 2).held();
/// (user, position) to what changed there for the user.
pub(super) const CHANGES: Table<(String, u64), Change> = Table::by_position(VIEW, 3);
/// (room, user, position) to the membership from there on.
pub(super) const HISTORY: Table<(String, String, u64), MembershipState> = Table::new(VIEW, 4);
/// (room, membership, user): an index to count and list without reading rows.
pub(super) const BY_MEMBERSHIP: Table<(String, String, String), ()> = Table::new(VIEW, 5).held();
/// (user, room) to where the user forgot the room.
pub(super) const FORGOTTEN: Table<(String, String), u64> = Table::new(VIEW, 6);

/// (room, user) to nothing: who ever had a membership there and had their account erased. A room has few of them, mostly none.
pub(super) const ERASED: Table<(String, String), ()> = Table::new(VIEW, 7).held();

/// A user's newest membership in a room.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// What the user is in the room.
    pub membership: MembershipState,
    /// Where the member event is.
    pub position: u64,
    /// The member event.
    pub event_id: OwnedEventId,
    /// Who sent the member event: for an invite, who invites.
    pub sender: OwnedUserId,
    /// The name in this room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The avatar in this room, an `mxc:` address unless the client that set it erred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

/// A room that a user has a membership in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomOfUser {
    /// What the user is in the room.
    pub membership: MembershipState,
    /// Where it last changed; also a new display name is a change.
    pub position: u64,
    /// From where on the user has been joined without a break; none for other memberships.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<u64>,
}

/// A change of a user's membership.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// In this room.
    pub room_id: OwnedRoomId,
    /// The membership from here on.
    pub membership: MembershipState,
    /// Who changed it.
    pub sender: OwnedUserId,
}
