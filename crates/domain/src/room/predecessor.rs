//! Which room a room replaces.

use ruma::{CanonicalJsonObject, RoomId};

/// The room that a room replaces, by the content of its `m.room.create` (spec: "Room upgrades").
#[must_use]
pub fn predecessor(create: &CanonicalJsonObject) -> Option<&RoomId> {
    <&RoomId>::try_from(create.get("predecessor")?.as_object()?.get("room_id")?.as_str()?).ok()
}
