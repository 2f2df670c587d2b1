//! What is left to do for a fact in other streams than its own: a new name goes into every room, a deactivated account leaves
//! them. The view `outbox` lists it, the engine carries it out, and a fact in here says that it is done.

mod facts;

use serde::{Deserialize, Serialize};

pub use facts::EffectFinished;

use crate::{Aggregate, Command, Context, Decision, Fact, Rejection, Stream};

/// What is decided on when an effect is done: nothing, for doing it twice does no harm.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutboxState;

impl Aggregate for OutboxState {
    const SNAPSHOT_VERSION: u32 = 1;

    type Key = ();

    fn stream((): &()) -> Stream {
        Stream::Outbox
    }

    fn evolve(&mut self, _: &Fact) {}
}

/// Says that the effect of a fact is done. The server itself commands it.
#[derive(Clone, Debug)]
pub struct FinishEffect {
    /// Where in the log the fact is.
    pub position: u64,
}

impl Command for FinishEffect {
    type On = OutboxState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, _: &OutboxState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        Ok(Decision::accept([Fact::EffectFinished(EffectFinished { position: self.position })], ()))
    }
}
