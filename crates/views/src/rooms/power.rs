//! Who may do what in a room now, for checks that happen before a command is decided.

use domain::room::{creators, power_levels};
use projection::{Rows, ViewFault};
use ruma::{RoomId, RoomVersionId, events::room::power_levels::RoomPowerLevels};
use serde::Deserialize;

use super::state::state_event;

/// The power levels of a room; none when there is no such room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn power_levels_of(rows: &dyn Rows, room: &RoomId) -> Result<Option<RoomPowerLevels>, ViewFault> {
    #[derive(Deserialize)]
    struct Create {
        room_version: Option<RoomVersionId>,
    }
    let Some((_, create)) = state_event(rows, room, "m.room.create", "")? else {
        return Ok(None);
    };
    let version = create.content_as::<Create>().and_then(|content| content.room_version);
    let Some(rules) = version.unwrap_or(RoomVersionId::V1).rules() else {
        return Ok(None);
    };
    let creators = creators(&rules.authorization, &create.sender, &create.content);
    let levels = state_event(rows, room, "m.room.power_levels", "")?;
    let content = levels.as_ref().map(|(_, row)| &*row.content);
    Ok(Some(power_levels(&rules.authorization, creators, content)))
}
