//! Runs what the machine of a comparison asks for, and keeps whom one is in doubt about.

use std::rc::Rc;

use dioxus::{core::spawn_forever, prelude::*};
use futures_util::{
    future::{Either, LocalBoxFuture, select},
    lock::Mutex,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    identity::{Doubt, Doubts, Peer, Seen},
    trouble::Trouble,
    verification::{Cause, Effect, Input, Other, PATIENCE_MS, Stage, Verification, step},
};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    browser,
    call::now_ms,
    client::{Account, Comparison},
    task::lasting,
};

/// Keeps whom one is in doubt about, until log-out.
const DOUBTS_KEY: &str = "hearth.doubts";
/// Keeps since when people's keys are as they are, until log-out.
const SEEN_KEY: &str = "hearth.seen-keys";

/// Does a step of a comparison.
type Performer = fn(Comparison, Effect) -> LocalBoxFuture<'static, Result<(), Trouble>>;

#[wasm_split(more, fallible)]
fn load_performer() -> Result<Performer, SplitLoaderError> {
    Ok(|comparison, effect| Box::pin(async move { comparison.perform(effect).await }))
}

/// [`Comparison::perform`].
async fn perform(comparison: Comparison, effect: Effect) -> Result<(), Trouble> {
    let perform = load_performer().await.map_err(|_| Trouble::Unreachable)?;
    perform(comparison, effect).await
}

/// The comparison that is going on, and what came of earlier ones. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Comparing {
    account: Account,
    /// The comparison, if there is one.
    pub(crate) now: Signal<Option<Verification>>,
    /// Whom one is in doubt about.
    pub(crate) doubts: Signal<Doubts>,
    /// Since when people's keys are as they are.
    pub(crate) seen: Signal<Seen>,
    handle: Signal<Option<Comparison>>,
    /// What is sent goes out in order: a person who is asked again before the first question was taken back would have
    /// two of them, and the library ends both.
    order: Rc<Mutex<()>>,
    /// Counts the comparisons, so that what is late for one is not taken for the next.
    serial: Signal<u32>,
}

impl Comparing {
    /// None yet; doubts are those of earlier visits.
    pub(crate) fn new(account: Account) -> Self {
        let doubts = browser::stored(DOUBTS_KEY).map(|text| Doubts::parse(&text)).unwrap_or_default();
        Self {
            account,
            now: lasting(None),
            doubts: lasting(doubts),
            seen: lasting(browser::stored(SEEN_KEY).map(|text| Seen::parse(&text)).unwrap_or_default()),
            handle: lasting(None),
            order: Rc::default(),
            serial: lasting(0),
        }
    }

    /// Shows whoever asks to compare, for as long as it is polled.
    pub(crate) async fn follow_offers(&self) {
        let offered = |other, comparison| {
            // The end of one and the next question may come together.
            let end = self.handle.peek().as_ref().and_then(Comparison::end);
            if let Some(end) = end {
                self.take(end);
            }
            if self.is_free() {
                self.take(Input::Offer(other));
                let (this, serial) = (self.clone(), *self.serial.peek());
                spawn_forever(async move { this.follow(comparison, serial).await });
            }
        };
        self.account.watch_offers(offered).await;
    }

    /// Takes in what happened or was pressed.
    pub(crate) fn take(&self, input: Input) {
        let mut now = self.now;
        let is_new = matches!(input, Input::Ask(_) | Input::Offer(_)) && self.is_free();
        if is_new {
            let (mut serial, mut handle) = (self.serial, self.handle);
            serial += 1;
            handle.set(None);
        }
        let before = now.peek().clone();
        let (next, effect) = step(before.clone(), input);
        if next != before {
            self.judge(next.as_ref());
            now.set(next.clone());
        }
        match (effect, next) {
            (Some(Effect::Ask), Some(next)) => self.ask(next.other),
            (Some(effect), _) => self.perform(effect),
            (None, _) => {}
        }
    }

    /// Holds back what is written to this person until the comparison has come to an end.
    pub(crate) fn doubt(&self, user_id: &str) {
        self.change_doubts(|doubts| doubts.set(user_id, Doubt::Open));
    }

    /// Nothing is held back any more.
    pub(crate) fn settle(&self, user_id: &str) {
        self.change_doubts(|doubts| doubts.settle(user_id));
    }

    /// Remembers the keys of these people.
    pub(crate) fn note_keys(&self, people: &[Peer]) {
        let mut seen = self.seen.peek().clone();
        let mut is_new = false;
        for peer in people {
            is_new |= peer.key.as_ref().is_some_and(|key| seen.note(&peer.user_id, key, now_ms()));
        }
        if is_new {
            browser::store(SEEN_KEY, &seen.to_text());
            let mut kept = self.seen;
            kept.set(seen);
        }
    }

    fn is_free(&self) -> bool {
        self.now.peek().as_ref().is_none_or(Verification::is_over)
    }

    fn judge(&self, next: Option<&Verification>) {
        let Some(next) = next else { return };
        let Some(user_id) = next.person() else { return };
        match next.stage {
            Stage::Done => self.settle(user_id),
            Stage::Over(cause) if Cause::is_alarming(cause) => {
                self.change_doubts(|doubts| doubts.set(user_id, Doubt::Differed));
            }
            _ => {}
        }
    }

    fn change_doubts(&self, change: impl FnOnce(&mut Doubts)) {
        let mut doubts = self.doubts;
        change(&mut doubts.write());
        browser::store(DOUBTS_KEY, &doubts.peek().to_text());
    }

    fn is_current(&self, serial: u32) -> bool {
        *self.serial.peek() == serial && self.now.peek().is_some()
    }

    fn ask(&self, other: Other) {
        let (this, serial) = (self.clone(), *self.serial.peek());
        spawn_forever(async move {
            if let Some(comparison) = this.asked(&other, serial).await {
                this.follow(comparison, serial).await;
            }
        });
    }

    /// Asks the other side, unless it was left before it came to that; takes the question back if it was left meanwhile.
    async fn asked(&self, other: &Other, serial: u32) -> Option<Comparison> {
        let _turn = self.order.lock().await;
        if !self.is_current(serial) {
            return None;
        }
        match self.account.ask_to_compare(other).await {
            Ok(comparison) if self.is_current(serial) => return Some(comparison),
            Ok(comparison) => {
                // That the other side cannot be told then changes nothing.
                let _ = perform(comparison, Effect::Cancel).await;
            }
            Err(trouble) if self.is_current(serial) => self.take(Input::Failed(trouble)),
            Err(_) => {}
        }
        None
    }

    async fn follow(&self, comparison: Comparison, serial: u32) {
        let mut handle = self.handle;
        handle.set(Some(comparison.clone()));
        let watching = comparison.watch(|input| {
            if self.is_current(serial) {
                self.take(input);
            }
        });
        let ended = select(Box::pin(watching), TimeoutFuture::new(PATIENCE_MS)).await;
        if matches!(ended, Either::Right(_)) && self.is_current(serial) {
            self.take(Input::TimedOut);
        }
    }

    fn perform(&self, effect: Effect) {
        let Some(comparison) = self.handle.peek().clone() else { return };
        let (this, serial) = (self.clone(), *self.serial.peek());
        spawn_forever(async move {
            let done = {
                let _turn = this.order.lock().await;
                perform(comparison, effect).await
            };
            if let Err(trouble) = done
                && this.is_current(serial)
            {
                this.take(Input::Failed(trouble));
            }
        });
    }
}
