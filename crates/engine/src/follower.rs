//! Folds each appended group into the views, wakes those whom it touches, and only then tells the callers: a client
//! always reads its own writes.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use domain::{Fact, Stream};
use event_log::{Log, Outcome, Record};
use projection::{Fault, Placed, RowStore, Runner};
use tokio::sync::oneshot;

use crate::{
    SubmitError,
    expiry::Expiry,
    health::FoldFault,
    lane::{Lanes, UnderWay},
    waiters::Waiters,
};

/// Groups that may wait to be folded. The writer waits when there are more.
const GROUPS_WAITING_MAX: usize = 8;

/// Travels with a unit through the log.
pub(crate) struct Token {
    pub(crate) under_way: UnderWay,
    pub(crate) stream: Stream,
    pub(crate) reply: oneshot::Sender<Result<(), SubmitError>>,
}

impl Token {
    fn finish(self, result: Result<(), SubmitError>) {
        drop(self.under_way);
        // A caller that went away has its command carried out all the same.
        let _gone = self.reply.send(result);
    }
}

/// Says that a record was folded as nothing. It is in the log for ever, so this is worth an admin's time.
pub(crate) fn report_parked(position: u64, kind: &str) {
    tracing::error!(log.position = position, log.kind = kind, "a record does not read; it is parked: folded as nothing");
}

/// What the follower's thread works with.
pub(crate) struct Follower {
    pub(crate) runner: Runner<Fact>,
    pub(crate) store: Arc<dyn RowStore>,
    pub(crate) log: Log,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) waiters: Waiters,
    pub(crate) expiry: Arc<Expiry>,
    pub(crate) fold_fault: Arc<FoldFault>,
}

impl Follower {
    /// Starts the thread. It ends when the sender is dropped, which the writer's end does; `ended` is dropped last.
    pub(crate) fn spawn(self, ended: impl Send + 'static) -> std::io::Result<(SyncSender<Outcome<Token>>, JoinHandle<()>)> {
        let (sender, receiver) = sync_channel(GROUPS_WAITING_MAX);
        let follow = move || {
            let _ended = ended;
            self.run(&receiver);
        };
        let thread = std::thread::Builder::new().name("follower".to_owned()).spawn(follow)?;
        Ok((sender, thread))
    }

    fn run(self, outcomes: &Receiver<Outcome<Token>>) {
        while let Ok(outcome) = outcomes.recv() {
            match outcome {
                Outcome::Appended { records, units } => {
                    let folded = self.fold(&records);
                    self.fold_fault.note(&folded);
                    for unit in units {
                        let result = match &folded {
                            Ok(()) => Ok(()),
                            Err(fault) => Err(SubmitError::Fault(fault.to_string())),
                        };
                        self.mark_foreign(&unit.token, &records, unit.first.0, unit.last.0);
                        unit.token.finish(result);
                    }
                }
                Outcome::Failed { error, tokens } => {
                    tracing::error!(log.error = %error, "the log could not be written");
                    tokens.into_iter().for_each(|token| token.finish(Err(SubmitError::from(&error))));
                }
            }
        }
        if let Err(fault) = self.store.flush() {
            tracing::error!(views.error = %fault, "the views could not be flushed; they will be folded again");
        }
    }

    /// A fault in a fold leaves the views behind the log; the next group catches up from where they stand.
    fn fold(&self, records: &[Record]) -> Result<(), Fault> {
        let placed = self.runner.apply(records).or_else(|fault| {
            tracing::error!(views.error = %fault, "a group could not be folded; catching up from the log");
            self.runner.catch_up(&self.log, &mut |_| {})?;
            self.waiters.touch_everybody(self.runner.position().0);
            Ok(Vec::new())
        })?;
        let rows = self.store.snapshot();
        if placed.is_empty()
            && let Some(moment) = views::expiry::next_moment(&*rows)?
        {
            self.expiry.note(moment);
        }
        for placed in &placed {
            match &placed.fact {
                Some(Fact::PduExpirySet(set)) => self.expiry.note(set.expires_at_ms),
                Some(_) => {}
                // The payload is there, for nothing is erased before it is folded.
                None => report_parked(placed.position.0, &placed.kind),
            }
            self.wake(&*rows, placed);
        }
        Ok(())
    }

    fn wake(&self, rows: &dyn projection::Rows, placed: &Placed<Fact>) {
        match views::touched(rows, placed) {
            Ok(users) => users.into_iter().for_each(|user| self.waiters.touch(user, placed.position.0)),
            Err(fault) => {
                tracing::error!(views.error = %fault, "could not tell whom a record touches");
                self.waiters.touch_everybody(placed.position.0);
            }
        }
    }

    /// A lane that appended to a stream which is not its own has outdated that stream's lane.
    fn mark_foreign(&self, token: &Token, records: &[Record], first: u64, last: u64) {
        let own = token.stream.to_string();
        for record in records.iter().filter(|record| (first..=last).contains(&record.position().0)) {
            if record.header.stream != own
                && let Ok(stream) = record.header.stream.parse()
            {
                self.lanes.mark_stale(&stream);
            }
        }
    }
}
