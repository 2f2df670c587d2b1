//! Folds each appended group into the views, wakes those whom it touches, and only then tells the callers: a client
//! always reads its own writes.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use domain::Fact;
use event_log::{LOG_KIND_PREFIX, Outcome, Position, Reader, Record, UnitDone};
use projection::{Applied, Place, Placed, Remedy, RowStore, ViewFault, Writes};
use ruma::UserId;
use views::{Audience, Touched, View, membership::people_of, outbox::has_effect};

use crate::{
    FactDecoder, SubmitError,
    causes::with_causes,
    effects::wake::Effects,
    expiry::moments::Expiry,
    keeping::{Encoded, Keeping},
    lanes::{Lanes, within},
    push::changed::Pushers,
    readiness::Readiness,
    token::Token,
    waiters::Waiters,
};

type Runner = projection::Runner<Fact, Audience>;

/// Groups and snapshots that may wait for the follower. The writer waits when there are more.
const WAITING_MAX: usize = 8;
/// The pause between two attempts to bring up the views grows from the one to the other.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Parked records that are named when the views have been brought up.
const PARKED_REPORTED_MAX: usize = 20;

/// Says that a record was folded as nothing. It is in the log for ever, so this is worth an admin's time.
fn report_parked(position: u64, kind: &str) {
    tracing::error!(log.position = position, log.kind = kind, "a record does not read; it is parked: folded as nothing");
}

/// The facts that came with `units`, at the positions of their records.
fn read_back(records: &[Record], units: &mut [UnitDone<Token>]) -> Vec<(Position, Fact)> {
    let mut all = Vec::with_capacity(records.len());
    for UnitDone { token, first, last } in units {
        let unit = within(records, *first, *last).iter().filter(|record| !record.header.kind.starts_with(LOG_KIND_PREFIX));
        for (record, fact) in unit.zip(token.facts.drain(..)) {
            let is_of_record = || fact.encode().is_ok_and(|encoded| record.bytes() == Some(&encoded.payload));
            debug_assert!(is_of_record(), "record {} has another fact", record.position());
            all.push((record.position(), fact));
        }
    }
    all
}

/// How far the follower has come.
struct Following {
    runner: Runner,
    keeping: Keeping,
}

/// What the follower's thread works with.
pub(crate) struct ViewFollower {
    pub(crate) store: Arc<dyn RowStore>,
    pub(crate) folds: fn() -> Vec<Box<View>>,
    pub(crate) log: Reader,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) waiters: Waiters,
    pub(crate) expiry: Arc<Expiry>,
    pub(crate) effects: Arc<Effects>,
    pub(crate) pushers: Arc<Pushers>,
    pub(crate) readiness: Arc<Readiness>,
}

/// What the follower is told.
enum Message {
    Group(Outcome<Token>),
    Snapshot(Box<Encoded>),
    /// The writer is no more.
    End,
}

/// The writer's end of what the follower is told.
pub(crate) struct ToFollower(SyncSender<Message>);

impl ToFollower {
    /// Waits while the follower has enough to do.
    pub(crate) fn give(&self, outcome: Outcome<Token>) {
        // The follower ends only after the writer that holds this.
        let _sent = self.0.send(Message::Group(outcome));
    }
}

impl Drop for ToFollower {
    fn drop(&mut self) {
        let _gone = self.0.send(Message::End);
    }
}

/// Says that the follower is no more, whatever ended it.
struct SaysEnd(Arc<Readiness>);

impl Drop for SaysEnd {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl ViewFollower {
    /// Starts the thread, which brings the views up to the log first. It ends when the writer's end is dropped, or when the
    /// views cannot follow and only other code helps.
    pub(crate) fn spawn(self) -> std::io::Result<(ToFollower, JoinHandle<()>)> {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let encoded_to = sender.clone();
        let keeping = Keeping::spawn(move |encoded| encoded_to.send(Message::Snapshot(Box::new(encoded))).is_ok())?;
        let follow = move || {
            let _says_end = SaysEnd(Arc::clone(&self.readiness));
            if let Err(fault) = self.run(&receiver, keeping) {
                tracing::error!(views.error = %fault, "the views cannot follow the log");
                self.readiness.failed(&fault);
            }
        };
        let thread = std::thread::Builder::new().name("follower".to_owned()).spawn(follow)?;
        Ok((ToFollower(sender), thread))
    }

    fn run(&self, messages: &Receiver<Message>, keeping: Keeping) -> Result<(), ViewFault> {
        let mut following = Following { runner: self.bring_up(None)?, keeping };
        let mut is_ended = false;
        while !(is_ended && following.keeping.is_idle()) {
            match messages.recv() {
                Ok(Message::Group(outcome)) => self.take_group(&mut following, outcome)?,
                Ok(Message::Snapshot(encoded)) => self.keep(&mut following, *encoded)?,
                Ok(Message::End) => is_ended = true,
                Err(_) => break,
            }
        }
        if let Err(fault) = self.store.flush() {
            tracing::error!(views.error = %fault, "the views could not be flushed; they will be folded again");
        }
        Ok(())
    }

    fn take_group(&self, following: &mut Following, outcome: Outcome<Token>) -> Result<(), ViewFault> {
        match outcome {
            Outcome::Appended { records, mut units } => {
                self.lanes.place(&records, &mut units);
                let facts = read_back(&records, &mut units);
                let folded = self.fold(following, &records, facts);
                self.or_bring_up(following, folded)?;
                let tokens = units.into_iter().filter_map(|unit| following.keeping.begin(unit.token));
                tokens.for_each(|token| token.finish(Ok(())));
            }
            Outcome::Failed { error, tokens } => {
                tracing::error!(log.error = %error, "the log could not be written");
                tokens.into_iter().for_each(|token| token.finish(Err(SubmitError::from(&error))));
            }
        }
        Ok(())
    }

    /// Commits a snapshot and answers its unit. The records are synced and folded: what is kept is never ahead of the log.
    fn keep(&self, following: &mut Following, encoded: Encoded) -> Result<(), ViewFault> {
        let (token, snapshot) = following.keeping.end(encoded);
        if let Some(snapshot) = snapshot {
            let mut writes = Writes::new();
            snapshot.put(&mut writes, &token.stream.to_string());
            let kept = self.store.commit(&writes);
            self.or_bring_up(following, kept)?;
        }
        token.finish(Ok(()));
        Ok(())
    }

    /// Brings the views up to the log again should a step with them have failed.
    fn or_bring_up(&self, following: &mut Following, step: Result<(), ViewFault>) -> Result<(), ViewFault> {
        match step {
            Err(fault) if fault.remedy() == Remedy::None => return Err(fault),
            Err(fault) => {
                following.runner = self.bring_up(Some(fault))?;
                following.keeping.skip_to(following.runner.position());
            }
            Ok(()) => {}
        }
        Ok(())
    }

    /// Brings the views up to the log: at the start, and after `failed`. It mends the storage and tries until that helps, for
    /// descriptors and disks come back. Nobody reads meanwhile, because rows may have gone back to an earlier position.
    ///
    /// # Errors
    /// The fault, when nothing but other code helps against it, or when the engine is closed meanwhile.
    fn bring_up(&self, mut failed: Option<ViewFault>) -> Result<Runner, ViewFault> {
        self.readiness.catching_up();
        let mut pause = PAUSE_MIN;
        loop {
            let fault = match self.try_to_bring_up(failed.as_ref()) {
                Ok(runner) => {
                    self.readiness.ready();
                    // Whom the facts touched that were folded just now, nobody has told. Who is woken reads at once.
                    self.waiters.touch_everybody(runner.position().0);
                    self.effects.wake();
                    self.pushers.note_all();
                    return Ok(runner);
                }
                Err(fault) => fault,
            };
            if fault.remedy() == Remedy::None || !self.readiness.may_try_again(pause) {
                return Err(fault);
            }
            failed = Some(fault);
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn try_to_bring_up(&self, failed: Option<&ViewFault>) -> Result<Runner, ViewFault> {
        if let Some(fault) = failed {
            self.mend(fault)?;
        }
        self.catch_up()
    }

    fn mend(&self, fault: &ViewFault) -> Result<(), ViewFault> {
        let said = with_causes(fault);
        match fault.remedy() {
            Remedy::Rebuild => {
                tracing::warn!(views.error = said, "the views are damaged and are folded anew from the log");
            }
            Remedy::Reopen => tracing::warn!(views.error = said, "the views are opened anew"),
            Remedy::None => return Ok(()),
        }
        self.readiness.failed(fault);
        self.store.mend(fault.remedy())
    }

    fn catch_up(&self) -> Result<Runner, ViewFault> {
        if let Some(reason) = projection::reconcile(&*self.store, &self.log, &FactDecoder)? {
            tracing::warn!(views.reason = %reason, "the views are folded anew from the log");
        }
        let runner = Runner::new(Arc::clone(&self.store), (self.folds)(), Box::new(FactDecoder))?;
        self.readiness.has_reached(runner.position().0);
        let head = self.log.head();
        runner.catch_up_while(&self.log, &mut |position| {
            tracing::info!(views.position = position.0, log.head = head.0, "folding the views");
            self.readiness.has_reached(position.0);
            !self.readiness.is_closing()
        })?;
        let rows = self.store.snapshot();
        for parked in projection::parked(&*rows, PARKED_REPORTED_MAX)? {
            report_parked(parked.position, &parked.kind);
        }
        if let Some(moment) = views::expiry::next_moment(&*rows)? {
            self.expiry.note(moment);
        }
        Ok(runner)
    }

    fn fold(&self, following: &mut Following, records: &[Record], facts: Vec<(Position, Fact)>) -> Result<(), ViewFault> {
        let Applied { placed, touched } = following.runner.apply_decoded(records, facts)?;
        for Placed { fact, place: Place { position, kind, stream, .. } } in &placed {
            if fact.as_ref().is_some_and(Fact::outdates_snapshot) {
                following.keeping.outdate(stream, *position);
            }
            match fact {
                Some(Fact::PduExpirySet(set)) => self.expiry.note(set.expires_at_ms),
                Some(Fact::PusherSet(set)) => self.note_pusher(&set.user_id),
                Some(Fact::PusherRemoved(removed)) => self.note_pusher(&removed.user_id),
                Some(Fact::SessionClosed(closed)) => self.note_pusher(&closed.user_id),
                Some(fact) if has_effect(fact) => self.effects.wake(),
                Some(_) => {}
                // The payload is there, for nothing is erased before it is folded.
                None => report_parked(position.0, kind),
            }
        }
        self.wake(touched);
        Ok(())
    }

    /// Another pusher is served from now on, and whatever serves those of this person looks whether theirs is still there.
    fn note_pusher(&self, user_id: &UserId) {
        self.pushers.note(user_id);
        self.waiters.wake(user_id);
    }

    /// Wakes whom the group touched. Each audience is asked for its people once, however many facts touched it.
    fn wake(&self, touched: Touched) {
        let rows = self.store.snapshot();
        for (audience, position) in touched.into_newest() {
            match people_of(&*rows, &audience) {
                Ok(people) => people.into_iter().for_each(|user| self.waiters.touch(user, position.0)),
                Err(fault) => {
                    tracing::error!(views.error = %fault, "could not tell whom a record touches");
                    self.waiters.touch_everybody(position.0);
                }
            }
        }
    }
}
