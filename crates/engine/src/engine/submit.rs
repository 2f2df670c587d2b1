//! Carries a command through: decided on its lane, queued, synced, folded, answered.

use domain::{Aggregate, Command, Context, Decision, NewFact, Rejection};
use event_log::Rejected;
use projection::StreamSnapshot;
use tokio::sync::oneshot;

use super::{Engine, Shared};
use crate::{
    codec,
    error::SubmitError,
    lane::UnderWay,
    lanes::HasLanes,
    lookup::ViewsLookup,
    snapshot::{Folded, OwnFacts},
    token::Token,
};

/// A command whose kind does not matter any more: compiled once for each kind of state and not for each command. It returns
/// the facts, or none when what it asks for was done before.
type Decide<'c, A> = Box<dyn FnOnce(&A, &Context<'_>) -> Result<Option<Vec<NewFact>>, Rejection> + Send + 'c>;

impl Engine {
    /// Decides `command` on the lane of what it is decided on and, if it is accepted, replies once its facts are synced and
    /// folded.
    ///
    /// # Errors
    /// The rules' rejection, or a [`SubmitError`] that says what became of the command: nothing.
    pub async fn submit<C: Command<On: HasLanes>>(&self, command: C) -> Result<C::Reply, SubmitError> {
        let key = command.key();
        let mut decided = None;
        let decide: Decide<'_, C::On> = Box::new(|state, context| {
            let (facts, reply) = match command.decide(state, context)? {
                Decision::Accept { facts, reply } => (Some(facts), reply),
                Decision::AlreadyDone(reply) => (None, reply),
            };
            decided = Some(reply);
            Ok(facts)
        });
        self.submit_to(&key, decide).await?;
        decided.ok_or(SubmitError::Stopping)
    }

    async fn submit_to<A: HasLanes>(&self, key: &A::Key, decide: Decide<'_, A>) -> Result<(), SubmitError> {
        let shared = &*self.shared;
        let stream = A::stream(key);
        let lanes = A::lanes(&shared.lanes);
        let lane = lanes.get(key);
        let mut slot = lane.slot.lock().await;
        let generation = shared.generation()?;
        let (engine, name) = (self.clone(), stream.to_string());
        let folded = lane.warm(&mut slot, generation, move || engine.fold_lane(&name)).await?;
        lanes.weigh(&lane, folded.bytes());
        let Some(facts) = self.decide(decide, &folded.state)? else {
            drop(slot);
            // What was done before may still be on its way to the disk.
            lane.traffic.wait_settled().await;
            let is_settled = shared.generation()? == generation;
            return if is_settled { Ok(()) } else { Err(SubmitError::Conflict) };
        };
        let facts: Vec<_> = facts.into_iter().map(|fact| fact.on(&stream)).collect();
        let (unit, read_back) = codec::unit(&facts)?;
        let weight = shared.queued.weigh(&unit)?;
        let (sender, receiver) = oneshot::channel();
        let own = OwnFacts::of(&stream, &facts, &unit);
        let snapshot = folded.draft(&own, shared.snapshots);
        let under_way = UnderWay::on(&lane).with(weight);
        let token = Token { under_way, stream: stream.clone(), snapshot, facts: read_back, reply: sender };
        shared.queue(generation, unit, token)?;
        // The state runs ahead of the disk, so that the next command can be decided while this one syncs. Should the
        // append fail, the generation rises and the state is folded again.
        folded.take_in(&own);
        lanes.weigh(&lane, folded.bytes());
        drop(slot);
        receiver.await.map_err(|_| SubmitError::Stopping)?
    }

    fn fold_lane<A: Aggregate>(&self, stream: &str) -> Result<Folded<A>, SubmitError> {
        // Rows that cannot be read just now are mended by the follower; the log is enough.
        let kept = StreamSnapshot::of(&*self.rows(), stream).ok().flatten();
        Folded::from_log(kept, &self.shared.log, stream)
    }

    fn decide<A>(&self, decide: Decide<'_, A>, state: &A) -> Result<Option<Vec<NewFact>>, SubmitError> {
        let shared = &*self.shared;
        let open = || self.rows();
        let context = Context {
            now: shared.now(),
            entropy: self.entropy(),
            server_name: &shared.server_name,
            signing_key: &shared.signing_key,
            policy: &shared.policy,
            lookup: &ViewsLookup::new(&open, &shared.log),
        };
        Ok(decide(state, &context)?)
    }
}

impl Shared {
    fn generation(&self) -> Result<u64, SubmitError> {
        self.running.read().as_ref().map(|running| running.writer.generation()).ok_or(SubmitError::Stopping)
    }

    fn queue(&self, generation: u64, unit: event_log::Unit, token: Token) -> Result<(), SubmitError> {
        let running = self.running.read();
        let running = running.as_ref().ok_or(SubmitError::Stopping)?;
        running.writer.submit_in(generation, unit, token).map_err(|rejected| match rejected {
            Rejected::Full(_) => SubmitError::Overloaded,
            Rejected::Stopped(_) => SubmitError::Stopping,
            Rejected::Stale(_) => SubmitError::Conflict,
            Rejected::Invalid(_, invalid) => SubmitError::TooLarge(invalid.to_string()),
            Rejected::NoRandomness(_, error) => SubmitError::Fault(error.into()),
        })
    }
}
