//! Whether rows still are what folding this log gives. Rows are made from the log and from nothing else, so rows that are
//! of another log, of a later state of this one, or of a reader that could read less, are thrown away and folded anew.

use std::fmt;

use event_log::{Position, Reader};

use crate::cursor::{self, Footing};
use crate::{Decode, Decoded, RowStore, Rows, ViewFault, parked};

/// All keys: cursors, parked records and the rows of every view.
const EVERYTHING: (&[u8], &[u8]) = (&[0], &[u8::MAX]);

/// How many parked records are tried again. They have one cause as a rule, so the first tell of the others.
const PARKED_CHECKED_MAX: usize = 1_000;

/// Why rows were thrown away. Each is a sentence for whoever runs the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebuilt {
    /// The rows do not say what they were folded from, as those of older versions.
    WithoutFooting,
    /// The log ends before this position, which the rows had reached.
    OlderLog(Position),
    /// The log has another record at this position than the one that the rows were folded from.
    OtherLog(Position),
    /// The record at this position was parked and can be read now.
    Readable(Position),
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithoutFooting => f.write_str("the views do not say what they were folded from"),
            Self::OlderLog(position) => write!(f, "the views had come to position {position}, which this log has not"),
            Self::OtherLog(position) => {
                write!(f, "the views were folded from another log than this, seen at position {position}")
            }
            Self::Readable(position) => {
                write!(f, "the record at position {position}, which could not be read before, can be now")
            }
        }
    }
}

/// Empties `store` if its rows are not what folding `log` with `decode` gives, and says why. To be called before a
/// [`crate::Runner`] is made of the store. It reads one record of the log, and those that are parked.
pub fn reconcile<F>(store: &dyn RowStore, log: &Reader, decode: &dyn Decode<F>) -> Result<Option<Rebuilt>, ViewFault> {
    let reason = disagreement(&*store.snapshot(), log, decode)?;
    if reason.is_some() {
        store.delete_range(EVERYTHING.0, EVERYTHING.1)?;
    }
    Ok(reason)
}

/// Why `rows` are not what folding `log` with `decode` gives, as far as that can be told without folding; `None` when
/// nothing speaks against it.
pub fn disagreement<F>(rows: &dyn Rows, log: &Reader, decode: &dyn Decode<F>) -> Result<Option<Rebuilt>, ViewFault> {
    let Some(footing) = Footing::of(rows)? else {
        let are_folded = cursor::read_all(rows)?.values().any(|cursor| cursor.position > Position::ZERO);
        return Ok(are_folded.then_some(Rebuilt::WithoutFooting));
    };
    let position = footing.position;
    match record_at(log, position)? {
        None => return Ok(Some(Rebuilt::OlderLog(position))),
        Some(record) if record.header.hash() != footing.hash => return Ok(Some(Rebuilt::OtherLog(position))),
        Some(_) => {}
    }
    for parked in parked(rows, PARKED_CHECKED_MAX)? {
        let position = Position(parked.position);
        if let Some(record) = record_at(log, position)?
            && record.bytes().is_some()
            && matches!(decode.decode(&record), Ok(Decoded::Fact(_)))
        {
            return Ok(Some(Rebuilt::Readable(position)));
        }
    }
    Ok(None)
}

fn record_at(log: &Reader, position: Position) -> Result<Option<event_log::Record>, ViewFault> {
    log.get(position).map_err(|fault| ViewFault::of_log(position, fault))
}
