//! What comes back with a unit from the log: whose it is, and what is to be done with it.

use domain::{Fact, Stream};
use tokio::sync::oneshot;

use crate::{SubmitError, lane::UnderWay, snapshot::Draft};

/// Travels with a unit through the log.
pub(crate) struct Token {
    pub(crate) under_way: UnderWay,
    pub(crate) stream: Stream,
    /// Of the lane's state with this unit in it, when one is due.
    pub(crate) snapshot: Option<Draft>,
    /// Those of the unit, in order, as they were read back from its payloads.
    pub(crate) facts: Vec<Fact>,
    pub(crate) reply: oneshot::Sender<Result<(), SubmitError>>,
}

impl Token {
    /// Tells the caller what became of the unit.
    pub(crate) fn finish(self, result: Result<(), SubmitError>) {
        drop(self.under_way);
        // A caller that went away has its command carried out all the same.
        let _gone = self.reply.send(result);
    }
}
