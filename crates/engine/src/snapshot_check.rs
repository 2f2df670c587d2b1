//! Replay equality of lanes: what starts from a snapshot is what is folded from the beginning.

use domain::{
    Aggregate, Stream, backup::BackupState, directory::DirectoryState, outbox::OutboxState, room::RoomState, user::UserState,
};
use event_log::Reader;
use projection::{Rows, StreamSnapshot, ViewFault};

use crate::{SubmitError, snapshot::Folded};

/// What became of the snapshots that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotCheck {
    /// How many lanes start from theirs.
    pub used: usize,
    /// How many are of another version or log or do not read, so that the lane is folded from the beginning.
    pub passed_over: usize,
    /// The streams whose lane starts with another state than folding from the beginning gives.
    pub different: Vec<String>,
}

/// Starts the lane of every stream that has a snapshot in `rows`, from it and from the beginning of `log`.
///
/// # Errors
/// [`SubmitError::Fault`] when rows or log cannot be read.
pub fn check_snapshots(rows: &dyn Rows, log: &Reader) -> Result<SnapshotCheck, SubmitError> {
    let mut check = SnapshotCheck::default();
    for name in StreamSnapshot::streams(rows)? {
        match name.parse() {
            Ok(Stream::Room(_)) => check.lane::<RoomState>(rows, log, name)?,
            Ok(Stream::User(_)) => check.lane::<UserState>(rows, log, name)?,
            Ok(Stream::Backup(_)) => check.lane::<BackupState>(rows, log, name)?,
            Ok(Stream::Directory) => check.lane::<DirectoryState>(rows, log, name)?,
            Ok(Stream::Outbox) => check.lane::<OutboxState>(rows, log, name)?,
            Ok(Stream::Inbox(_)) | Err(_) => check.passed_over += 1,
        }
    }
    Ok(check)
}

impl SnapshotCheck {
    fn lane<A: Aggregate>(&mut self, rows: &dyn Rows, log: &Reader, stream: String) -> Result<(), SubmitError> {
        let kept = StreamSnapshot::of(rows, &stream)?;
        let restored = match &kept {
            Some(kept) => Folded::<A>::restored(kept, log, &stream)?,
            None => None,
        };
        let Some(mut started) = restored else {
            self.passed_over += 1;
            return Ok(());
        };
        self.used += 1;
        started.read_rest(log, &stream)?;
        let replayed = Folded::<A>::from_log(None, log, &stream)?;
        if json(&started)? != json(&replayed)? {
            self.different.push(stream);
        }
        Ok(())
    }
}

fn json<A: Aggregate>(folded: &Folded<A>) -> Result<Vec<u8>, SubmitError> {
    serde_json::to_vec(&folded.state).map_err(|error| ViewFault::caused("a state does not encode", error).into())
}
