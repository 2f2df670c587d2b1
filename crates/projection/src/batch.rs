//! Uncommitted writes laid over rows: folds read their own writes. Not a transaction, for there is one writer.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::{Order, Rows, ViewFault, Visit, Writes};

/// Writes of one group of facts over the rows they will be committed to.
pub struct Batch<'a> {
    base: &'a (dyn Rows + 'a),
    writes: Writes,
}

impl<'a> Batch<'a> {
    /// An empty batch over `base`.
    pub fn new(base: &'a (dyn Rows + 'a)) -> Self {
        Self { base, writes: Writes::new() }
    }

    /// Writes `value` at `key`, whatever was there before.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.writes.insert(key, Some(value));
    }

    /// Deletes the row at `key`, if there is one.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// What is to be committed.
    #[must_use]
    pub fn into_writes(self) -> Writes {
        self.writes
    }
}

impl Rows for Batch<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(key),
        }
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        // `BTreeMap::range` panics on a range that is turned around.
        if from >= to {
            return Ok(());
        }
        let written = self.writes.range::<[u8], _>((std::ops::Bound::Included(from), std::ops::Bound::Excluded(to)));
        match order {
            Order::Ascending => merge(self.base, written, (from, to), order, visit),
            Order::Descending => merge(self.base, written.rev(), (from, to), order, visit),
        }
    }
}

/// Visits base rows and written rows in one order; where both have a key, the written one counts.
fn merge<'w>(
    base: &dyn Rows,
    written: impl Iterator<Item = (&'w Vec<u8>, &'w Option<Vec<u8>>)>,
    (from, to): (&[u8], &[u8]),
    order: Order,
    visit: &mut Visit<'_>,
) -> Result<(), ViewFault> {
    let mut written = written.peekable();
    let mut stopped = false;
    base.scan(from, to, order, &mut |key, value| {
        let mut current = Some(Cow::Borrowed(value));
        while let Some((over_key, over_value)) = written.peek().copied() {
            let comes_later = match order {
                Order::Ascending => over_key.as_slice() > key,
                Order::Descending => over_key.as_slice() < key,
            };
            if comes_later {
                break;
            }
            written.next();
            if over_key.as_slice() == key {
                current = over_value.as_deref().map(Cow::Borrowed);
                break;
            }
            if let Some(over_value) = over_value
                && visit(over_key, over_value).is_break()
            {
                stopped = true;
                return ControlFlow::Break(());
            }
        }
        if let Some(value) = current
            && visit(key, &value).is_break()
        {
            stopped = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    if stopped {
        return Ok(());
    }
    for (key, value) in written {
        if let Some(value) = value
            && visit(key, value).is_break()
        {
            break;
        }
    }
    Ok(())
}
