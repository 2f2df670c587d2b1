//! Typed tables over rows: tuple keys, JSON values. Not a query language; an index is just another table.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::key::{EncodeKey, RowKey};
use crate::{Batch, KeyRange, Order, Rows, ViewFault};

/// A table of one view. `K` is the owned key, `V` the value, kept as JSON.
///
/// Values must serialise the same way every time (no hash maps), or replay would not be byte-identical.
pub struct Table<K, V> {
    view: u8,
    table: u8,
    holding: Holding,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Table<K, V> {
    /// Table number `table` of the view whose byte is `view` (1 to 254; anything else does not compile in a constant).
    #[must_use]
    pub const fn new(view: u8, table: u8) -> Self {
        assert!(view > 0 && view < 255, "views are numbered 1 to 254");
        assert!(table < BY_POSITION, "tables are numbered 0 to 127");
        Self { view, table, holding: Holding::Nothing, types: PhantomData }
    }

    /// A table whose keys end in the position where the row came about, a `u64`: what is newer than a position under a
    /// prefix ([`KeyRange::newer`]) is then often answered from memory.
    #[must_use]
    pub const fn by_position(view: u8, table: u8) -> Self {
        let plain = Self::new(view, table);
        Self { table: table | BY_POSITION, ..plain }
    }

    /// A table of which the same rows are read with every request, and that seldom changes: single rows, that there is none, and all
    /// rows under the first parts of a key ([`KeyRange::prefix`]), are often answered from memory.
    #[must_use]
    pub const fn held(self) -> Self {
        Self { holding: Holding::All, ..self }
    }

    /// As [`Table::held`], but it is read anew each time that there is no row: for keys that strangers make up.
    #[must_use]
    pub const fn held_where_present(self) -> Self {
        Self { holding: Holding::Present, ..self }
    }
}

/// Which answers of a table stay in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    Nothing,
    /// Those that have a row.
    Present,
    All,
}

/// Set in the number of a table whose keys end in a position.
const BY_POSITION: u8 = 0x80;
/// Bytes of a position at the end of a key.
pub(crate) const POSITION_BYTES: usize = 8;

/// Whether a row's key is of a table by position. Keys that are no view's, the cursors, are not.
pub(crate) fn is_by_position(key: &[u8]) -> bool {
    matches!(key, [1..=254, table, ..] if table & BY_POSITION != 0)
}

impl<K: RowKey, V: Serialize + DeserializeOwned> Table<K, V> {
    fn key(&self, key: &(impl EncodeKey<Owned = K> + ?Sized)) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        out.extend_from_slice(&[self.view, self.table]);
        key.encode(&mut out);
        out
    }

    fn decode_key(&self, key: &[u8]) -> Result<K, ViewFault> {
        key.get(2..)
            .and_then(K::decode)
            .ok_or_else(|| ViewFault::new(format!("a key of view {}, table {} does not decode", self.view, self.table)))
    }

    fn decode_value(&self, value: &[u8]) -> Result<V, ViewFault> {
        serde_json::from_slice(value).map_err(|error| {
            let context = format!("a row of view {}, table {} does not decode", self.view, self.table);
            ViewFault::caused(context, error)
        })
    }

    /// The value at `key`.
    pub fn get(&self, rows: &dyn Rows, key: &(impl EncodeKey<Owned = K> + ?Sized)) -> Result<Option<V>, ViewFault> {
        let key = self.key(key);
        let value = match self.holding {
            Holding::Nothing => rows.get(&key),
            Holding::Present => rows.get_held(&key, false),
            Holding::All => rows.get_held(&key, true),
        }?;
        value.map(|value| self.decode_value(&value)).transpose()
    }

    /// Whether there is a row at `key`.
    pub fn contains(&self, rows: &dyn Rows, key: &(impl EncodeKey<Owned = K> + ?Sized)) -> Result<bool, ViewFault> {
        Ok(rows.get(&self.key(key))?.is_some())
    }

    /// Writes `value` at `key`, whatever was there before.
    pub fn put(
        &self,
        batch: &mut Batch<'_>,
        key: &(impl EncodeKey<Owned = K> + ?Sized),
        value: &V,
    ) -> Result<(), ViewFault> {
        let value = serde_json::to_vec(value).map_err(|error| {
            let context = format!("a row of view {}, table {} does not encode", self.view, self.table);
            ViewFault::caused(context, error)
        })?;
        batch.put(self.key(key), value);
        Ok(())
    }

    /// Deletes the row at `key`, if there is one.
    pub fn delete(&self, batch: &mut Batch<'_>, key: &(impl EncodeKey<Owned = K> + ?Sized)) -> Result<(), ViewFault> {
        batch.delete(self.key(key));
        Ok(())
    }

    /// Deletes every row of `range` and returns how many there were.
    pub fn delete_all(&self, batch: &mut Batch<'_>, range: KeyRange) -> Result<usize, ViewFault> {
        let (from, to) = range.resolve(self.view, self.table);
        let mut keys = Vec::new();
        batch.scan(&from, &to, Order::Ascending, &mut |key, _| {
            keys.push(key.to_vec());
            ControlFlow::Continue(())
        })?;
        let count = keys.len();
        for key in keys {
            batch.delete(key);
        }
        Ok(count)
    }

    /// Visits rows of `range` in `order` until `visit` breaks.
    pub fn scan(
        &self,
        rows: &dyn Rows,
        range: KeyRange,
        order: Order,
        mut visit: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), ViewFault> {
        self.scan_raw(rows, range, order, |key, value| Ok(visit(self.decode_key(key)?, self.decode_value(value)?)))
    }

    /// Visits keys of `range` in `order` until `visit` breaks; values are not decoded.
    pub fn scan_keys(
        &self,
        rows: &dyn Rows,
        range: KeyRange,
        order: Order,
        mut visit: impl FnMut(K) -> ControlFlow<()>,
    ) -> Result<(), ViewFault> {
        self.scan_raw(rows, range, order, |key, _| Ok(visit(self.decode_key(key)?)))
    }

    fn scan_raw(
        &self,
        rows: &dyn Rows,
        range: KeyRange,
        order: Order,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, ViewFault>,
    ) -> Result<(), ViewFault> {
        if !self.may_have(rows, &range) {
            return Ok(());
        }
        let mut outcome = Ok(());
        let mut visit = |key: &[u8], value: &[u8]| {
            visit(key, value).unwrap_or_else(|fault| {
                outcome = Err(fault);
                ControlFlow::Break(())
            })
        };
        match range
            .all_under(self.view, self.table)
            .filter(|_| self.holding != Holding::Nothing && order == Order::Ascending)
        {
            Some(prefix) => rows.scan_held(&prefix, &mut visit)?,
            None => {
                let (from, to) = range.resolve(self.view, self.table);
                rows.scan(&from, &to, order, &mut visit)?;
            }
        }
        outcome
    }

    /// False when `range` certainly has no row, which is known without reading for ranges made by [`KeyRange::newer`].
    pub fn may_have(&self, rows: &dyn Rows, range: &KeyRange) -> bool {
        self.newer_than(range).is_none_or(|(prefix, position)| rows.may_be_after(&prefix, position))
    }

    /// The beginning of the keys and the position, of a range that asks a table by position for what is newer.
    fn newer_than(&self, range: &KeyRange) -> Option<(Vec<u8>, u64)> {
        range.newer_than(self.view, self.table).filter(|_| self.table & BY_POSITION != 0)
    }

    /// At most `limit` rows of `range` in `order`.
    pub fn collect(&self, rows: &dyn Rows, range: KeyRange, order: Order, limit: usize) -> Result<Vec<(K, V)>, ViewFault> {
        let mut found = Vec::new();
        if limit > 0 {
            self.scan(rows, range, order, |key, value| {
                found.push((key, value));
                go_on_while(found.len() < limit)
            })?;
        }
        Ok(found)
    }

    /// At most `limit` keys of `range` in `order`; values are not decoded.
    pub fn collect_keys(&self, rows: &dyn Rows, range: KeyRange, order: Order, limit: usize) -> Result<Vec<K>, ViewFault> {
        let mut found = Vec::new();
        if limit > 0 {
            self.scan_keys(rows, range, order, |key| {
                found.push(key);
                go_on_while(found.len() < limit)
            })?;
        }
        Ok(found)
    }

    /// The row of `range` with the smallest key.
    pub fn first(&self, rows: &dyn Rows, range: KeyRange) -> Result<Option<(K, V)>, ViewFault> {
        Ok(self.collect(rows, range, Order::Ascending, 1)?.pop())
    }

    /// The row of `range` with the largest key.
    pub fn last(&self, rows: &dyn Rows, range: KeyRange) -> Result<Option<(K, V)>, ViewFault> {
        Ok(self.collect(rows, range, Order::Descending, 1)?.pop())
    }

    /// How many rows `range` has, no further than `limit`. They are counted one by one, unless the range was made by
    /// [`KeyRange::newer`] and the store remembers.
    pub fn count(&self, rows: &dyn Rows, range: KeyRange, limit: usize) -> Result<usize, ViewFault> {
        if let Some((prefix, position)) = self.newer_than(&range).filter(|_| range.is_open())
            && rows.may_be_after(&prefix, position)
            && let Some(known) = rows.count_after(&prefix, position, limit)
        {
            return Ok(known);
        }
        let mut count = 0;
        if limit > 0 {
            self.scan_raw(rows, range, Order::Ascending, |_, _| {
                count += 1;
                Ok(go_on_while(count < limit))
            })?;
        }
        Ok(count)
    }
}

fn go_on_while(condition: bool) -> ControlFlow<()> {
    if condition { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
