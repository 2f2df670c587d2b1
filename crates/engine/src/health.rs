//! How the engine does: what a health check and an admin ask.

use projection::{Parked, RowStore, parked, position_of_snapshot};
use serde::Serialize;

use crate::{SubmitError, readiness::Readiness};

/// Parked records that are named; there may be more.
const PARKED_NAMED_MAX: usize = 10;
/// Waiting effects that are counted; there may be more.
const EFFECTS_COUNTED_MAX: usize = 1_000;

/// How the engine does, at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// In one word.
    pub status: Status,
    /// Position of the log's last record.
    pub log_head: u64,
    /// The position that every view has reached.
    pub views_position: u64,
    /// Why the views do not follow the log; none when they do, or when they are being brought up to it for the first time.
    pub fold_fault: Option<String>,
    /// Facts that have something left to do in other streams, such as a new name that goes into every room; counted up to
    /// 1,000.
    pub effects_waiting: usize,
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
    /// Nobody is served yet: the views are being brought up to the log.
    CatchingUp,
    /// Nobody is served: the views do not follow the log.
    Failing,
}

pub(crate) fn health(readiness: &Readiness, store: &dyn RowStore, log_head: u64) -> Result<Health, SubmitError> {
    let fold_fault = readiness.fault();
    if !readiness.is_ready() {
        let status = if fold_fault.is_some() { Status::Failing } else { Status::CatchingUp };
        return Ok(Health {
            status,
            log_head,
            views_position: readiness.reached(),
            fold_fault,
            effects_waiting: 0,
            parked: Vec::new(),
        });
    }
    let rows = store.snapshot();
    let parked = parked(&*rows, PARKED_NAMED_MAX)?;
    let status = if parked.is_empty() { Status::Ok } else { Status::Degraded };
    let effects_waiting = views::outbox::pending(&*rows, 0, EFFECTS_COUNTED_MAX)?.len();
    let views_position = position_of_snapshot(&*rows)?.0;
    Ok(Health { status, log_head, views_position, fold_fault, effects_waiting, parked })
}
