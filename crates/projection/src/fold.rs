//! What a view implements. Not how it is driven: that is the runner's business.

use event_log::{Position, Record};

use crate::{Batch, Touched, ViewFault};

/// Where in the log something is, and when it came there.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where in the log.
    pub position: Position,
    /// When it was appended, milliseconds since the epoch; never falls from one position to the next.
    pub at_ms: u64,
    /// The stream, such as `room:…`, `user:…` or `server`.
    pub stream: String,
    /// The kind of record.
    pub kind: String,
}

/// A fact with its place in the log.
#[derive(Clone, Debug)]
pub struct Placed<F> {
    /// Where it is.
    pub place: Place,
    /// `None`: the payload was erased or withheld, or the record is parked because it does not read. It is folded as
    /// nothing.
    pub fact: Option<F>,
}

/// One view: a pure function from placed facts to row writes. `F` is the fact, `S` is how the view names those whose
/// answers it changes.
///
/// It sees every position that has a fact once and in order, reads only through the batch, and knows no clock and no
/// randomness, so that folding the log again gives the same bytes.
pub trait Fold<F, S>: Send + Sync + 'static {
    /// The name of the view, unique and never reused for something else.
    fn name(&self) -> &'static str;

    /// The first byte of all keys of this view, unique, 1 to 254.
    fn view(&self) -> u8;

    /// Raise it when the fold's code or row shapes change: the view is then wiped and folded from the start.
    fn version(&self) -> u32;

    /// Writes what `fact` changes, and says into `touched` whose answers are others by that. A fact may build on an
    /// earlier one that was erased or parked: then there is nothing to change, and that is no fault.
    ///
    /// # Errors
    /// A fault stops the whole group, and nothing of it is committed.
    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched<S>, fact: &F, place: &Place) -> Result<(), ViewFault>;
}

/// What a record's payload says.
#[derive(Clone, Debug)]
pub enum Decoded<F> {
    /// A fact.
    Fact(F),
    /// Nothing that can be read, and why. The record is parked: folded as nothing, and listed.
    Unreadable(String),
}

/// Turns a record into the fact the folds understand.
pub trait Decode<F>: Send + Sync {
    /// The fact in `record`. Called only for records whose payload is present and whose kind is not one of the log's
    /// own (`log.…`). The same record always gives the same result.
    ///
    /// # Errors
    /// When folding must stop before this record, because it means something that only another version understands.
    fn decode(&self, record: &Record) -> Result<Decoded<F>, ViewFault>;

    /// Whether the fact takes back what a [`crate::StreamSnapshot`] of its stream may hold: the row is deleted with the commit
    /// that folds it.
    fn outdates_snapshot(&self, _fact: &F) -> bool {
        false
    }
}
