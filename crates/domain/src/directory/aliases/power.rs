//! Who may give a room its name.

use ruma::{RoomId, UserId, events::StateEventType};

use crate::{Context, Rejection};

/// Whether a person may give a room its main address.
pub(super) fn may_name(room_id: &RoomId, user_id: &UserId, context: &Context<'_>) -> Result<bool, Rejection> {
    Ok(context.lookup.may_set(room_id, user_id, &StateEventType::RoomCanonicalAlias)?)
}
