//! What comes back with a unit from the log: whose it is, and what is to be done with it.

use domain::{Fact, Stream};
use projection::{StreamSnapshot, Writes};
use tokio::sync::oneshot;

use crate::{SubmitError, lane::UnderWay, snapshot::Draft};

/// Travels with a unit through the log.
pub(crate) struct Token {
    pub(crate) under_way: UnderWay,
    pub(crate) stream: Stream,
    /// Of the lane's state with this unit in it, when one is due.
    pub(crate) snapshot: Option<Draft>,
    /// No snapshot from before this unit may be kept.
    pub(crate) outdates_snapshot: bool,
    /// Those of the unit, in order, as they were read back from its payloads.
    pub(crate) facts: Vec<Fact>,
    pub(crate) reply: oneshot::Sender<Result<(), SubmitError>>,
}

impl Token {
    /// Whether it has something to say of the snapshot of its stream.
    pub(crate) fn changes_snapshot(&self) -> bool {
        self.snapshot.is_some() || self.outdates_snapshot
    }

    /// Adds what becomes of the snapshot of its stream, after what the units before it have added.
    pub(crate) fn put_snapshot(&mut self, writes: &mut Writes) {
        let stream = self.stream.to_string();
        if self.outdates_snapshot {
            StreamSnapshot::remove(writes, &stream);
        }
        if let Some(snapshot) = self.snapshot.take().and_then(Draft::finish) {
            snapshot.put(writes, &stream);
        }
    }

    /// Tells the caller what became of the unit.
    pub(crate) fn finish(self, result: Result<(), SubmitError>) {
        drop(self.under_way);
        // A caller that went away has its command carried out all the same.
        let _gone = self.reply.send(result);
    }
}
