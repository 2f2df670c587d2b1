//! A log in memory that every view follows as it grows, by the runner that the server has.

use std::{collections::BTreeSet, sync::Arc};

use domain::Fact;
use event_log::{Class, Content, FORMAT_VERSION, Header, Payload, Position, Record, SALT_BYTES};
use projection::{Decode, Decoded, MemoryRows, RowStore, Rows, Runner, ViewFault, compare};
use ruma::{OwnedUserId, UserId};
use views::{Audience, Reader, membership::people_of};

/// Rows of every view, and the records that they were folded from.
pub(crate) struct Folded {
    store: MemoryRows,
    runner: Runner<Fact, Audience>,
    log: Vec<Record>,
    touched: Vec<Audience>,
}

/// As the engine's, without its parking.
struct Decoder;

impl Decode<Fact> for Decoder {
    fn decode(&self, record: &Record) -> Result<Decoded<Fact>, ViewFault> {
        let Header { kind, kind_version, .. } = &record.header;
        let fact = Fact::decode(kind, *kind_version, record.bytes().unwrap_or_default());
        fact.map(Decoded::Fact).map_err(|error| ViewFault::caused("a fact of a test does not read", error))
    }
}

fn runner(store: &MemoryRows) -> Runner<Fact, Audience> {
    Runner::new(Arc::new(store.clone()), views::all(), Box::new(Decoder)).unwrap()
}

impl Default for Folded {
    fn default() -> Self {
        let store = MemoryRows::new();
        Self { runner: runner(&store), store, log: Vec::new(), touched: Vec::new() }
    }
}

impl Folded {
    /// Folds facts, one commit each.
    pub(crate) fn of(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut folded = Self::default();
        facts.into_iter().for_each(|fact| folded.add(fact));
        folded
    }

    /// Folds one more fact.
    pub(crate) fn add(&mut self, fact: Fact) {
        let position = self.position() + 1;
        let record = record(position, &fact);
        let touched = self.runner.apply(std::slice::from_ref(&record)).unwrap().touched;
        let touched = touched.into_newest().inspect(|(_, at)| assert_eq!(at.0, position));
        self.touched = touched.map(|(audience, _)| audience).collect();
        self.log.push(record);
    }

    /// The fact at a position; none when its payload was erased.
    pub(crate) fn fact_at(&self, position: u64) -> Option<Fact> {
        let record = self.log.iter().find(|record| record.position().0 == position)?;
        let bytes = record.bytes()?;
        Some(Fact::decode(&record.header.kind, record.header.kind_version, bytes).unwrap())
    }

    /// Somebody who reads.
    pub(crate) fn reader(&self, user: &UserId) -> Reader {
        Reader::load(&*self.rows(), user).unwrap()
    }

    /// The position of the newest fact.
    pub(crate) fn position(&self) -> u64 {
        self.log.len() as u64
    }

    /// The rows, which stay as they are when more is folded.
    pub(crate) fn rows(&self) -> Box<dyn Rows> {
        self.store.frozen()
    }

    /// Whom the newest fact touched.
    pub(crate) fn touched(&self) -> &[Audience] {
        &self.touched
    }

    /// The people whom the newest fact wakes.
    pub(crate) fn woken(&self) -> BTreeSet<OwnedUserId> {
        let rows = self.rows();
        self.touched.iter().flat_map(|audience| people_of(&*rows, audience).unwrap()).collect()
    }

    /// Erases the payload at a position, as the log does for what is to be forgotten. The rows stay as they are.
    pub(crate) fn erase(&mut self, position: u64) {
        self.log
            .iter_mut()
            .filter(|record| record.position().0 == position)
            .for_each(|record| record.payload = Payload::Erased);
    }

    /// Folds the whole log again in one commit and compares every byte.
    pub(crate) fn assert_replay_is_equal(&self) {
        let again = MemoryRows::new();
        runner(&again).apply(&self.log).unwrap();
        let difference = compare(&*self.rows(), &*again.snapshot()).unwrap();
        assert_eq!(difference, None, "the first row that differs in a replay");
    }
}

fn record(position: u64, fact: &Fact) -> Record {
    let encoded = fact.encode().unwrap();
    let header = Header {
        version: FORMAT_VERSION,
        count: position,
        position: Position(position),
        at_ms: 1_000 + position,
        stream: "user:@alice:h".to_owned(),
        kind: encoded.kind.to_owned(),
        kind_version: encoded.version,
        class: Class::Plain,
        rest: 0,
        payload_digest: [0; 32],
        previous: [0; 32],
    };
    let payload = Payload::Present(Content::salted([0; SALT_BYTES], encoded.payload));
    Record { header, signature: [0; 64], payload }
}
