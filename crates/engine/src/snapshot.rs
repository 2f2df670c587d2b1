//! The state of a lane: folded from a snapshot and what came after it, and written down as a snapshot now and then.
//!
//! A copy of the state travels with the unit whose facts are the last in it, because only the synced unit has a position.
//! Then a thread of its own encodes it and the follower keeps it. A snapshot that is missing or does not fit costs time and
//! nothing else.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{Aggregate, Fact, Stream};
use event_log::{Position, Reader, Record, Unit};
use projection::{Decode, Decoded, StreamSnapshot};

use crate::{FactDecoder, SubmitError};

/// Records read at once when a cold lane is folded.
const PAGE_RECORDS: usize = 1_000;
/// A snapshot up to this size is written anew at once when a fact outdates it. Larger ones wait until they are due: else
/// whoever redacts a piece of state could make the server write megabytes each time.
const REPLACED_BYTES_MAX: u64 = 1 << 20;

/// How often the state of a lane is written down.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotInterval {
    /// Facts that the state has taken in since.
    facts: u64,
    /// Or their bytes, if they are that large.
    bytes: u64,
    /// And their bytes, this many times, come to the size of the last snapshot.
    bytes_times: u64,
}

impl Default for SnapshotInterval {
    /// Decision 18 has the measurements.
    fn default() -> Self {
        Self { facts: 192, bytes: 1 << 20, bytes_times: 4 }
    }
}

impl SnapshotInterval {
    /// With every unit. For tests: nothing is decided then that no snapshot has seen.
    pub const EVERY_UNIT: Self = Self::every(1);

    /// After so many facts, however large the state is. For tests.
    #[must_use]
    pub const fn every(facts: u64) -> Self {
        Self { facts, bytes: u64::MAX, bytes_times: u64::MAX }
    }
}

/// What a state has taken in since it was last written down.
#[derive(Clone, Copy, Debug, Default)]
struct Growth {
    facts: u64,
    bytes: u64,
    /// Bytes of the last snapshot; 0 when there is none.
    size: u64,
}

impl Growth {
    fn add(&mut self, facts: usize, bytes: usize) {
        self.facts += facts as u64;
        self.bytes += bytes as u64;
    }

    fn is_due(&self, interval: SnapshotInterval) -> bool {
        let is_behind = self.facts >= interval.facts || self.bytes >= interval.bytes;
        is_behind && self.bytes.saturating_mul(interval.bytes_times) >= self.size
    }
}

/// A state with the facts of its stream that it was folded from.
pub(crate) struct Folded<A> {
    pub(crate) state: A,
    /// The last record of the stream that was read from the log. What the state has taken in since are the lane's own facts,
    /// all of them.
    pub(crate) read_to: Position,
    growth: Growth,
    /// Bytes of the last snapshot, once it is encoded.
    size: Arc<AtomicU64>,
}

impl<A: Aggregate> Folded<A> {
    /// Folds `stream`, from the snapshot that is kept of it if that is one of this log and version.
    pub(crate) fn from_log(kept: Option<StreamSnapshot>, log: &Reader, stream: &str) -> Result<Self, SubmitError> {
        let mut folded = match kept {
            Some(snapshot) => Self::restored(&snapshot, log, stream)?.unwrap_or_else(Self::empty),
            None => Self::empty(),
        };
        folded.read_rest(log, stream)?;
        Ok(folded)
    }

    fn empty() -> Self {
        Self { state: A::default(), read_to: Position::ZERO, growth: Growth::default(), size: Arc::default() }
    }

    /// The state in a snapshot; `None` when it is of another version or log, or does not read.
    pub(crate) fn restored(snapshot: &StreamSnapshot, log: &Reader, stream: &str) -> Result<Option<Self>, SubmitError> {
        if snapshot.version != A::SNAPSHOT_VERSION || !snapshot.is_of(log, stream)? {
            return Ok(None);
        }
        let size = Arc::new(AtomicU64::new(snapshot.state.len() as u64));
        let state = serde_json::from_slice(&snapshot.state).ok();
        Ok(state.map(|state| Self { state, read_to: snapshot.position, growth: Growth::default(), size }))
    }

    /// Takes in what the log has of the stream beyond.
    pub(crate) fn read_rest(&mut self, log: &Reader, stream: &str) -> Result<(), SubmitError> {
        for page in log.pages(self.read_to.next()).of_stream(stream).sized(PAGE_RECORDS) {
            for record in &page? {
                self.read(record)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, record: &Record) -> Result<(), SubmitError> {
        self.read_to = record.position();
        if let Some(payload) = record.bytes()
            && let Decoded::Fact(fact) = FactDecoder.decode(record)?
        {
            self.state.evolve(&fact);
            self.growth.add(1, payload.len());
        }
        Ok(())
    }

    /// Counts the facts that are about to be queued, and gives the snapshot of the state that they lead to if one is due.
    /// Should the facts never be recorded, or the snapshot not be kept, the next one comes a little late.
    pub(crate) fn draft(&mut self, own: &OwnFacts<'_>, interval: SnapshotInterval) -> Option<Draft> {
        self.growth.add(own.facts.len(), own.bytes);
        self.growth.size = self.size.load(Ordering::Relaxed);
        let is_replaced = own.outdate_snapshot() && (1..=REPLACED_BYTES_MAX).contains(&self.growth.size);
        if !(self.growth.is_due(interval) || is_replaced) {
            return None;
        }
        self.growth = Growth::default();
        let mut next = self.state.clone();
        own.facts.iter().for_each(|fact| next.evolve(fact));
        let encode = encoding(next, Arc::clone(&self.size));
        Some(Draft { version: A::SNAPSHOT_VERSION, read_to: self.read_to, encode, place: None })
    }

    /// Roughly how large the state is as JSON: its last snapshot, and all that it has taken in since.
    pub(crate) fn bytes(&self) -> u64 {
        self.size.load(Ordering::Relaxed).saturating_add(self.growth.bytes)
    }

    /// Takes in facts that are queued.
    pub(crate) fn take_in(&mut self, own: &OwnFacts<'_>) {
        own.facts.iter().for_each(|fact| self.state.evolve(fact));
    }
}

/// The facts of a unit that are of the stream of the lane that decided it.
pub(crate) struct OwnFacts<'f> {
    facts: Vec<&'f Fact>,
    /// Of their payloads.
    bytes: usize,
}

impl<'f> OwnFacts<'f> {
    /// Those of `facts`, which `unit` was made of.
    pub(crate) fn of(stream: &Stream, facts: &'f [(Stream, Fact)], unit: &Unit) -> Self {
        let drafts = facts.iter().zip(&unit.drafts);
        let (facts, bytes): (Vec<_>, Vec<_>) =
            drafts.filter(|((of, _), _)| of == stream).map(|((_, fact), draft)| (fact, draft.payload.len())).unzip();
        Self { facts, bytes: bytes.into_iter().sum() }
    }

    /// Whether one of them takes back what an older snapshot may hold.
    pub(crate) fn outdate_snapshot(&self) -> bool {
        self.facts.iter().any(|fact| fact.outdates_snapshot())
    }
}

/// The JSON of a state, once it is asked for; `None` when it has none.
pub(crate) type Encode = Box<dyn FnOnce() -> Option<Vec<u8>> + Send>;

/// How `state` is encoded; the bytes that it comes to go to `size`. A large one takes milliseconds, in which nobody should wait.
fn encoding<A: Aggregate>(state: A, size: Arc<AtomicU64>) -> Encode {
    Box::new(move || match serde_json::to_vec(&state) {
        Ok(encoded) => {
            size.store(encoded.len() as u64, Ordering::Relaxed);
            Some(encoded)
        }
        Err(error) => {
            tracing::error!(snapshot.error = %error, "the state of a lane cannot be written down; it starts from an older one the next time");
            None
        }
    })
}

/// The snapshot of a state, under way with the unit whose facts are the last in it.
pub(crate) struct Draft {
    pub(crate) version: u32,
    /// As in [`Folded`].
    pub(crate) read_to: Position,
    pub(crate) encode: Encode,
    /// The last record in it and the hash of that one's header, once it has them.
    pub(crate) place: Option<(Position, [u8; 32])>,
}

impl Draft {
    /// Takes note of its place, now that the facts are in `unit`. None of `stream` in it, and there is no snapshot.
    pub(crate) fn placed(self, stream: &str, unit: &[Record]) -> Option<Self> {
        let last = unit.iter().rfind(|record| record.header.stream == stream)?;
        Some(Self { place: Some((last.position(), last.header.hash())), ..self })
    }

    /// The snapshot, if it has its place and a JSON.
    pub(crate) fn encoded(self) -> Option<StreamSnapshot> {
        let (position, hash) = self.place?;
        let state = (self.encode)()?;
        Some(StreamSnapshot { version: self.version, position, hash, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_due_when_starting_without_it_would_cost_more_than_the_state_does() {
        let cases = [
            (Growth { facts: 191, bytes: 200_000, size: 0 }, false),
            (Growth { facts: 192, bytes: 1, size: 0 }, true),
            (Growth { facts: 192, bytes: 200_000, size: 800_000 }, true),
            (Growth { facts: 192, bytes: 199_999, size: 800_000 }, false),
            (Growth { facts: 1, bytes: 1 << 20, size: 800_000 }, true),
            (Growth { facts: 1, bytes: 1 << 20, size: 1 << 23 }, false),
        ];
        for (growth, is_due) in cases {
            assert_eq!(growth.is_due(SnapshotInterval::default()), is_due, "{growth:?}");
        }
    }
}
