//! Receipts of erasures. Whether the disk has forgotten is known by the note of the last purge; the rest is in the log.

use api::{Erasure, Receipts};
use engine::{Engine, SubmitError};
use event_log::{ErasedFor, Position, TreeKeeper};
use ruma::UserId;
use views::accounts::erasure;

use crate::data_folder::DataFolder;

/// Receipts that the key of the log signs.
pub(super) fn signed(engine: Engine, tree: TreeKeeper, folder: DataFolder) -> Receipts {
    Receipts::new(move |user_id| tell(&engine, &tree, &folder, user_id))
}

fn tell(engine: &Engine, tree: &TreeKeeper, folder: &DataFolder, user_id: &UserId) -> Result<Erasure, SubmitError> {
    let Some(row) = erasure(&*engine.rows(), user_id)? else { return Ok(Erasure::None) };
    let Some(ended_at) = row.ended_at else { return Ok(Erasure::Erasing) };
    let purged = folder.purged().map_err(|error| SubmitError::Fault(error.into()))?;
    let Some(purged) = purged.filter(|purged| purged.position >= ended_at) else { return Ok(Erasure::Purging) };
    let positions = engine.erased_for(user_id, row.asked_at, ended_at)?;
    let erased = ErasedFor {
        subject: user_id.to_string(),
        asked_at: (Position(row.asked_at), row.asked_at_ms),
        ended_at: Position(ended_at),
        positions: positions.into_iter().map(Position).collect(),
        purged_at_ms: purged.at_ms,
    };
    let receipt = tree.receipt(&erased).map_err(|error| SubmitError::from(&error))?;
    Ok(Erasure::Done { receipt })
}
