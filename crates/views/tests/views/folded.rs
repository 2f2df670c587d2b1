//! A log in memory that is folded into every view as it grows.

use std::ops::ControlFlow;

use domain::Fact;
use event_log::Position;
use projection::{Batch, MemoryRows, Order, Placed, RowStore, Rows};

/// Rows of every view, and the facts that they were folded from.
#[derive(Default)]
pub(crate) struct Folded {
    store: MemoryRows,
    log: Vec<Placed<Fact>>,
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
        let encoded = fact.encode().unwrap();
        let placed = Placed {
            position: Position(position),
            at_ms: 1_000 + position,
            stream: "user:@alice:h".to_owned(),
            kind: encoded.kind.to_owned(),
            fact: Some(Fact::decode(encoded.kind, encoded.version, &encoded.payload).unwrap()),
        };
        fold(&self.store, std::slice::from_ref(&placed));
        self.log.push(placed);
    }

    /// The position of the newest fact.
    pub(crate) fn position(&self) -> u64 {
        self.log.len() as u64
    }

    pub(crate) fn rows(&self) -> Box<dyn Rows + '_> {
        self.store.snapshot()
    }

    /// Erases the payload at a position, as the log does for what is to be forgotten. The rows stay as they are.
    pub(crate) fn erase(&mut self, position: u64) {
        self.log.iter_mut().filter(|placed| placed.position.0 == position).for_each(|placed| placed.fact = None);
    }

    /// Folds the whole log again in one commit and compares every byte.
    pub(crate) fn assert_replay_is_equal(&self) {
        let again = MemoryRows::new();
        fold(&again, &self.log);
        assert_eq!(dump(&*again.snapshot()), dump(&*self.rows()), "the rows of a replay");
    }
}

fn fold(store: &MemoryRows, log: &[Placed<Fact>]) {
    let snapshot = store.snapshot();
    let mut batch = Batch::new(&*snapshot);
    for placed in log {
        views::all().iter().for_each(|view| view.fold(&mut batch, placed).unwrap());
    }
    let writes = batch.into_writes();
    drop(snapshot);
    store.commit(&writes).unwrap();
}

fn dump(rows: &dyn Rows) -> Vec<(Vec<u8>, String)> {
    let mut dumped = Vec::new();
    rows.scan(&[0], &[255], Order::Ascending, &mut |key, value| {
        dumped.push((key.to_vec(), String::from_utf8_lossy(value).into_owned()));
        ControlFlow::Continue(())
    })
    .unwrap();
    dumped
}
