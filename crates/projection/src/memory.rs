//! Rows in memory, for tests and for replay checks. Not durable.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::{Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// A [`RowStore`] in memory. Clones share the same rows.
///
/// A snapshot is free; the first commit while a snapshot is alive copies the map.
#[derive(Clone, Debug, Default)]
pub struct MemoryRows {
    rows: Arc<RwLock<Arc<Map>>>,
}

impl MemoryRows {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

struct MemorySnapshot(Arc<Map>);

impl Rows for MemorySnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        // `BTreeMap::range` panics on a range that is turned around.
        if from >= to {
            return Ok(());
        }
        let range = self.0.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        match order {
            Order::Ascending => visit_all(range, visit),
            Order::Descending => visit_all(range.rev(), visit),
        }
        Ok(())
    }
}

fn visit_all<'r>(mut rows: impl Iterator<Item = (&'r Vec<u8>, &'r Vec<u8>)>, visit: &mut Visit<'_>) {
    // Whether the scan was ended early makes no difference here.
    let _: ControlFlow<()> = rows.try_for_each(|(key, value)| visit(key, value));
}

impl MemoryRows {
    /// As [`RowStore::snapshot`], independent of this handle.
    #[must_use]
    pub fn frozen(&self) -> Box<dyn Rows> {
        Box::new(MemorySnapshot(Arc::clone(&self.rows.read())))
    }
}

impl RowStore for MemoryRows {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        self.frozen()
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        let mut rows = self.rows.write();
        let map = Arc::make_mut(&mut rows);
        for (key, value) in writes {
            match value {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }
        Ok(())
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        let mut rows = self.rows.write();
        Arc::make_mut(&mut rows).retain(|key, _| key.as_slice() < from || key.as_slice() >= to);
        Ok(())
    }

    fn flush(&self) -> Result<(), ViewFault> {
        Ok(())
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        if remedy == Remedy::Rebuild {
            *self.rows.write() = Arc::default();
        }
        Ok(())
    }
}
