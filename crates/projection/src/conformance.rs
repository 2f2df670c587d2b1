//! What every [`RowStore`] must do, as checks that a store's own tests call. A failed check panics and names the seed.
//!
//! Not a test framework: each check opens stores through the function it is given and compares with a plain map.

mod runner;
mod sample;

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

pub use runner::check_runner;
pub use sample::{Open, Seeded, Text, digest_after, sample_folds, sample_records, sample_runner};

use crate::{Batch, Order, RowStore, Rows, ViewFault, Writes};

type Row = (Vec<u8>, Vec<u8>);

/// Checks snapshots, scans, batches and range deletion.
pub fn check_store(open: &Open<'_>) -> Result<(), ViewFault> {
    a_snapshot_does_not_move(&*open()?)?;
    a_scan_keeps_to_its_bounds(&*open()?)?;
    a_deleted_range_is_gone_and_no_more(&*open()?)?;
    for seed in 1..=8 {
        random_writes_read_like_a_map(&*open()?, seed)?;
    }
    Ok(())
}

fn put(key: &[u8], value: &[u8]) -> Writes {
    Writes::from([(key.to_vec(), Some(value.to_vec()))])
}

/// Rows of a scan that stops after `limit`.
fn scan(rows: &dyn Rows, from: &[u8], to: &[u8], order: Order, limit: usize) -> Result<Vec<Row>, ViewFault> {
    let mut found = Vec::new();
    rows.scan(from, to, order, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

fn keys(rows: &dyn Rows, from: &[u8], to: &[u8], order: Order) -> Result<Vec<Vec<u8>>, ViewFault> {
    Ok(scan(rows, from, to, order, usize::MAX)?.into_iter().map(|(key, _)| key).collect())
}

fn a_snapshot_does_not_move(store: &dyn RowStore) -> Result<(), ViewFault> {
    store.commit(&put(b"a", b"1"))?;
    let before = store.snapshot();
    store.commit(&Writes::from([(b"a".to_vec(), None), (b"b".to_vec(), Some(b"2".to_vec()))]))?;
    assert_eq!(before.get(b"a")?.as_deref(), Some(b"1".as_slice()), "an old snapshot keeps what it saw");
    assert_eq!(before.get(b"b")?, None, "an old snapshot does not see later rows");
    assert_eq!(keys(&*before, b"", b"z", Order::Ascending)?, [b"a".to_vec()]);
    let after = store.snapshot();
    assert_eq!(after.get(b"a")?, None);
    assert_eq!(keys(&*after, b"", b"z", Order::Descending)?, [b"b".to_vec()]);
    Ok(())
}

fn a_scan_keeps_to_its_bounds(store: &dyn RowStore) -> Result<(), ViewFault> {
    for key in [b"a".as_slice(), b"b", b"b\0", b"b\xff", b"c", b"\xff\xff"] {
        store.commit(&put(key, key))?;
    }
    let rows = store.snapshot();
    let expected = [b"b".to_vec(), b"b\0".to_vec(), b"b\xff".to_vec()];
    assert_eq!(keys(&*rows, b"b", b"c", Order::Ascending)?, expected, "from is included and to is not");
    let mut turned = expected.to_vec();
    turned.reverse();
    assert_eq!(keys(&*rows, b"b", b"c", Order::Descending)?, turned);
    for order in [Order::Ascending, Order::Descending] {
        assert!(keys(&*rows, b"c", b"b", order)?.is_empty(), "a range that is turned around is empty");
        assert!(keys(&*rows, b"b", b"b", order)?.is_empty());
    }
    assert_eq!(scan(&*rows, b"", b"\xff\xff\xff", Order::Descending, 1)?, [(vec![255, 255], vec![255, 255])]);
    Ok(())
}

fn a_deleted_range_is_gone_and_no_more(store: &dyn RowStore) -> Result<(), ViewFault> {
    for key in [[1, 9], [2, 0], [2, 255], [3, 0]] {
        store.commit(&put(&key, b"x"))?;
    }
    let before = store.snapshot();
    store.delete_range(&[2], &[3])?;
    store.commit(&put(&[2, 7], b"new"))?;
    let left = keys(&*store.snapshot(), &[0], &[9], Order::Ascending)?;
    assert_eq!(left, [vec![1, 9], vec![2, 7], vec![3, 0]], "rows outside, and rows written later, stay");
    assert_eq!(keys(&*before, &[0], &[9], Order::Ascending)?.len(), 4, "an old snapshot keeps the range");
    store.flush()?;
    assert_eq!(keys(&*store.snapshot(), &[0], &[9], Order::Ascending)?, left);
    Ok(())
}

/// Random commits, through batches that are compared before and after they are committed.
fn random_writes_read_like_a_map(store: &dyn RowStore, seed: u64) -> Result<(), ViewFault> {
    let mut seeded = Seeded::new(seed);
    let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for round in 0..40 {
        let snapshot = store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        for _ in 0..seeded.below(30) {
            let key = seeded.key();
            if seeded.below(3) == 0 {
                batch.delete(key.clone());
                model.remove(&key);
            } else {
                let value = seeded.bytes(40);
                batch.put(key.clone(), value.clone());
                model.insert(key, value);
            }
        }
        let place = format!("seed {seed}, round {round}");
        same_as_model(&batch, &model, &mut seeded, &format!("{place}, uncommitted"))?;
        let writes = batch.into_writes();
        drop(snapshot);
        store.commit(&writes)?;
        if seeded.below(4) == 0 {
            store.flush()?;
        }
        same_as_model(&*store.snapshot(), &model, &mut seeded, &place)?;
    }
    Ok(())
}

fn same_as_model(
    rows: &dyn Rows,
    model: &BTreeMap<Vec<u8>, Vec<u8>>,
    seeded: &mut Seeded,
    place: &str,
) -> Result<(), ViewFault> {
    for _ in 0..10 {
        let key = seeded.key();
        assert_eq!(rows.get(&key)?.as_ref(), model.get(&key), "{place}: get {key:?}");
        let (from, to) = (seeded.key(), seeded.key());
        let limit = 1 + seeded.below(20);
        let within: Vec<Row> = if from < to {
            let range = model.range::<[u8], _>((Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice())));
            range.map(|(key, value)| (key.clone(), value.clone())).collect()
        } else {
            Vec::new()
        };
        let first: Vec<Row> = within.iter().take(limit).cloned().collect();
        let last: Vec<Row> = within.iter().rev().take(limit).cloned().collect();
        assert_eq!(scan(rows, &from, &to, Order::Ascending, limit)?, first, "{place}: {from:?} to {to:?}");
        assert_eq!(scan(rows, &from, &to, Order::Descending, limit)?, last, "{place}: {to:?} to {from:?}");
    }
    Ok(())
}
