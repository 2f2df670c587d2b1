//! Writes down the states of lanes as snapshots, off the follower's thread: it folds on while a large one is encoded.
//!
//! Which of them may still be kept when they come back, the follower knows. A fact that it has folded meanwhile may have
//! taken back what is in one.

use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use event_log::Position;
use projection::StreamSnapshot;

use crate::token::Token;

/// States that wait to be encoded. With more of them, the newest goes without its snapshot.
const WAITING_MAX: usize = 8;

/// A snapshot that is ready to be kept, and its unit, which is answered after that.
pub(crate) struct Encoded {
    pub(crate) token: Token,
    snapshot: Option<StreamSnapshot>,
}

/// The snapshots under way.
pub(crate) struct Keeping {
    encoder: SyncSender<Token>,
    under_way: usize,
    /// Where a stream's last fact is that takes back what a snapshot may hold, as far as snapshots are under way.
    outdated: HashMap<String, Position>,
    /// No snapshot from here or before may be kept: nobody went through the facts one by one.
    skipped_to: Position,
}

impl Keeping {
    /// Starts the thread that encodes. It gives what is ready to `deliver`, in order, and ends when this is dropped or
    /// `deliver` says that nobody takes it.
    pub(crate) fn spawn(deliver: impl Fn(Encoded) -> bool + Send + 'static) -> std::io::Result<Self> {
        let (encoder, tokens) = sync_channel(WAITING_MAX);
        std::thread::Builder::new().name("snapshots".to_owned()).spawn(move || encode(&tokens, deliver))?;
        Ok(Self { encoder, under_way: 0, outdated: HashMap::new(), skipped_to: Position::ZERO })
    }

    /// Has the snapshot of a unit encoded. Gives the unit back when it has none, or when too many are waiting.
    pub(crate) fn begin(&mut self, token: Token) -> Option<Token> {
        if token.snapshot.is_none() {
            return Some(token);
        }
        match self.encoder.try_send(token) {
            Ok(()) => {
                self.under_way += 1;
                None
            }
            Err(TrySendError::Full(token) | TrySendError::Disconnected(token)) => Some(token),
        }
    }

    /// Whether no snapshot is under way.
    pub(crate) const fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// A fact at `position` takes back what earlier snapshots of `stream` may hold.
    pub(crate) fn outdate(&mut self, stream: &str, position: Position) {
        if !self.is_idle() {
            self.outdated.insert(stream.to_owned(), position);
        }
    }

    /// The views were brought up to `position` from the log, with facts in it that may have outdated any snapshot.
    pub(crate) fn skip_to(&mut self, position: Position) {
        self.skipped_to = self.skipped_to.max(position);
    }

    /// Takes back what is ready: the unit, and the snapshot if it may still be kept.
    pub(crate) fn end(&mut self, encoded: Encoded) -> (Token, Option<StreamSnapshot>) {
        let Encoded { token, snapshot } = encoded;
        let outdated = self.outdated.get(&token.stream.to_string()).copied().unwrap_or(Position::ZERO);
        let snapshot = snapshot.filter(|kept| kept.position >= outdated && kept.position > self.skipped_to);
        self.under_way = self.under_way.saturating_sub(1);
        if self.is_idle() {
            self.outdated.clear();
        }
        (token, snapshot)
    }
}

fn encode(tokens: &Receiver<Token>, deliver: impl Fn(Encoded) -> bool) {
    while let Ok(mut token) = tokens.recv() {
        let snapshot = token.snapshot.take().and_then(crate::snapshot::Draft::encoded);
        if !deliver(Encoded { token, snapshot }) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        lane::{Lane, UnderWay},
        snapshot::Draft,
    };

    /// A unit whose last record is at `position`, with a snapshot that is encoded once `gate` says so.
    fn token(position: u64, gate: mpsc::Receiver<()>) -> Token {
        let encode = Box::new(move || gate.recv().ok().map(|()| Vec::new()));
        let draft = Draft { version: 1, read_to: Position::ZERO, encode, place: Some((Position(position), [0; 32])) };
        let (under_way, reply) = (UnderWay::on(&Lane::<()>::default()), oneshot::channel().0);
        Token { under_way, stream: "room:!r:h".parse().unwrap(), snapshot: Some(draft), facts: Vec::new(), reply }
    }

    /// A snapshot under way that is ready when the second is dropped or told.
    fn begin(keeping: &mut Keeping, position: u64) -> (Option<Token>, mpsc::Sender<()>) {
        let (open, gate) = mpsc::channel();
        (keeping.begin(token(position, gate)), open)
    }

    fn spawned() -> (Keeping, mpsc::Receiver<Encoded>) {
        let (to, ready) = mpsc::channel();
        (Keeping::spawn(move |encoded| to.send(encoded).is_ok()).unwrap(), ready)
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_busy() {
        let (mut keeping, ready) = spawned();
        let (held, gate) = begin(&mut keeping, 1);
        assert!(held.is_none());
        let given_back = (0..=WAITING_MAX).map(|_| begin(&mut keeping, 2).0).filter(Option::is_some).count();
        assert!((1..=2).contains(&given_back), "{given_back}: one may have been taken up meanwhile");
        gate.send(()).unwrap();
        let (_, first) = keeping.end(ready.recv().unwrap());
        assert_eq!(first.map(|kept| kept.position), Some(Position(1)));
        // Those that followed were dropped before they said anything: their units come back without a snapshot.
        while !keeping.is_idle() {
            assert!(keeping.end(ready.recv().unwrap()).1.is_none());
        }
    }

    #[test]
    fn what_was_taken_back_while_a_snapshot_was_encoded_is_not_kept() {
        for (outdated_at, skipped_to, is_kept) in [(0, 0, true), (5, 0, true), (6, 0, false), (0, 4, true), (0, 5, false)] {
            let (mut keeping, ready) = spawned();
            let (_, gate) = begin(&mut keeping, 5);
            keeping.outdate("room:!r:h", Position(outdated_at));
            keeping.outdate("room:!other:h", Position(9));
            keeping.skip_to(Position(skipped_to));
            gate.send(()).unwrap();
            let (_, snapshot) = keeping.end(ready.recv().unwrap());
            assert_eq!(snapshot.is_some(), is_kept, "outdated at {outdated_at}, brought up to {skipped_to}");
            assert!(keeping.is_idle() && keeping.outdated.is_empty());
        }
    }
}
