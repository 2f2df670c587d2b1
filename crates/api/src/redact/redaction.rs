//! Carrying a redaction out, whichever endpoint asked for it.

use domain::{
    Fact, Rejection, Stream,
    room::{Redact, RedactionTarget},
};
use engine::Engine;
use ruma::{OwnedEventId, OwnedRoomId};
use views::rooms::entry_of;

use crate::error::ApiError;

/// Finds what `command` redacts, and redacts it.
///
/// # Errors
/// 404 `M_NOT_FOUND` when there is no such event in the room; what the command rejects.
pub(crate) async fn redact(engine: &Engine, room_id: OwnedRoomId, mut command: Redact) -> Result<OwnedEventId, ApiError> {
    let found = entry_of(&*engine.rows(), &room_id, &command.event_id)?;
    let Some((position, row)) = found else {
        return Err(Rejection::not_found("There is no such event in this room.").into());
    };
    // What was redacted before has nothing left to prune.
    if row.redacted_by.is_none()
        && let Some(Fact::PduAdded(added)) = engine.fact_at(position)?
    {
        command.target = Some(RedactionTarget { position, added });
    }
    Ok(engine.submit(Stream::Room(room_id), command).await?)
}
