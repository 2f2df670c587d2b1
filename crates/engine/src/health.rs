//! How the engine does: what a health check and an admin ask.

use parking_lot::Mutex;
use projection::{Fault, Parked, RowStore, parked, position_of_snapshot};
use serde::Serialize;

use crate::SubmitError;

/// Parked records that are named; there may be more.
const PARKED_NAMED_MAX: usize = 10;

/// How the engine does, at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// In one word.
    pub status: Status,
    /// Position of the log's last record.
    pub log_head: u64,
    /// The position that every view has reached. Behind the head for good only when folding fails.
    pub views_position: u64,
    /// Why the last group could not be folded; none when it could.
    pub fold_fault: Option<String>,
    /// The first records that do not read and were folded as nothing.
    pub parked: Vec<Parked>,
}

/// How the engine does, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All is well.
    Ok,
    /// Everybody is served, and somebody should look at it: records are parked.
    Degraded,
    /// Writes are not answered: the views do not follow the log.
    Failing,
}

/// What went wrong when folding, if it did the last time.
#[derive(Debug, Default)]
pub(crate) struct FoldFault(Mutex<Option<String>>);

impl FoldFault {
    pub(crate) fn note<T>(&self, folded: &Result<T, Fault>) {
        *self.0.lock() = folded.as_ref().err().map(ToString::to_string);
    }

    pub(crate) fn health(&self, store: &dyn RowStore, log_head: u64) -> Result<Health, SubmitError> {
        let rows = store.snapshot();
        let parked = parked(&*rows, PARKED_NAMED_MAX)?;
        let fold_fault = self.0.lock().clone();
        let status = match (&fold_fault, parked.is_empty()) {
            (Some(_), _) => Status::Failing,
            (None, false) => Status::Degraded,
            (None, true) => Status::Ok,
        };
        Ok(Health { status, log_head, views_position: position_of_snapshot(&*rows)?.0, fold_fault, parked })
    }
}
