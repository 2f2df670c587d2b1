//! What the runner promises on every store: grouping does not matter, a lost commit is folded again, a new version
//! rebuilds one view, and the cursors in a snapshot are those of its rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{Position, Record};

use super::sample::{Open, Seeded, digest_after, sample_records, sample_runner};
use crate::{Remedy, RowStore, Rows, ViewFault, Writes, compare, cursor_of, digest, position_of_snapshot};

type Folded = [Arc<AtomicU64>; 2];

/// Checks the runner on stores that `open` gives.
pub fn check_runner(open: &Open<'_>) -> Result<(), ViewFault> {
    for seed in 1..=4 {
        let records = sample_records(700, seed);
        grouping_does_not_matter(open()?, &records, seed)?;
        a_failed_commit_is_folded_again(open()?, &records, seed)?;
    }
    let records = sample_records(300, 9);
    a_new_version_rebuilds_only_its_view(&open()?, &records)?;
    a_hole_is_refused(open()?, &records)?;
    a_difference_is_found(&*open()?, &*open()?, &records)
}

fn end(records: &[Record]) -> Position {
    records.last().map_or(Position::ZERO, Record::position)
}

fn grouping_does_not_matter(store: Arc<dyn RowStore>, records: &[Record], seed: u64) -> Result<(), ViewFault> {
    let runner = sample_runner(Arc::clone(&store), 1, &Folded::default())?;
    let mut seeded = Seeded::new(seed);
    let mut done = 0;
    while done < records.len() {
        let until = records.len().min(done + 1 + seeded.below(90));
        // Some records are handed in again, as after an unclear answer.
        let group = &records[done.saturating_sub(seeded.below(3))..until];
        runner.apply(group)?;
        done = until;
        let snapshot = store.snapshot();
        assert_eq!(position_of_snapshot(&*snapshot)?, runner.position(), "seed {seed}: rows and cursor are one");
        assert_eq!(runner.position(), end(group), "seed {seed}");
    }
    assert_eq!(digest(&*store.snapshot())?, digest_after(records)?, "seed {seed}: same rows however grouped");
    Ok(())
}

/// Passes everything on, but refuses one commit.
struct Refusing {
    store: Arc<dyn RowStore>,
    commits_left: AtomicU64,
}

impl RowStore for Refusing {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        self.store.snapshot()
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        if self.commits_left.fetch_sub(1, Ordering::Relaxed) == 0 {
            return Err(ViewFault::new("refused, as the check asks"));
        }
        self.store.commit(writes)
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        self.store.delete_range(from, to)
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.store.flush()
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        self.store.mend(remedy)
    }
}

fn a_failed_commit_is_folded_again(store: Arc<dyn RowStore>, records: &[Record], seed: u64) -> Result<(), ViewFault> {
    let commits_left = AtomicU64::new(1 + seed);
    let refusing = Arc::new(Refusing { store: Arc::clone(&store), commits_left });
    let runner = sample_runner(refusing, 1, &Folded::default())?;
    let failed = records.chunks(100).find(|group| runner.apply(group).is_err());
    assert!(failed.is_some(), "seed {seed}: the commit was refused");
    let reached = runner.position();
    let folded: Vec<Record> = records.iter().filter(|record| record.position() <= reached).cloned().collect();
    assert_eq!(digest(&*store.snapshot())?, digest_after(&folded)?, "seed {seed}: nothing of the failed group shows");
    // The same runner may go on, and so may one that starts anew, as after a crash.
    runner.apply(&records[..folded.len() + 50])?;
    drop(runner);
    let restarted = sample_runner(Arc::clone(&store), 1, &Folded::default())?;
    assert_eq!(restarted.position(), records[folded.len() + 49].position(), "seed {seed}");
    restarted.apply(records)?;
    assert_eq!(digest(&*store.snapshot())?, digest_after(records)?, "seed {seed}");
    Ok(())
}

fn counts(folded: &Folded) -> [u64; 2] {
    [folded[0].load(Ordering::Relaxed), folded[1].load(Ordering::Relaxed)]
}

fn a_new_version_rebuilds_only_its_view(store: &Arc<dyn RowStore>, records: &[Record]) -> Result<(), ViewFault> {
    let is_fact = |record: &&Record| !record.header.kind.starts_with("log.") && record.bytes().is_some();
    let facts = records.iter().filter(is_fact).count() as u64;
    sample_runner(Arc::clone(store), 1, &Folded::default())?.apply(records)?;
    let before = digest(&*store.snapshot())?;

    let folded = Folded::default();
    let rebuilding = sample_runner(Arc::clone(store), 2, &folded)?;
    assert_eq!(rebuilding.position(), Position::ZERO, "the slowest view counts");
    let cursor = |name: &str| Ok::<_, ViewFault>(cursor_of(&*store.snapshot(), name)?.map(|cursor| cursor.position));
    assert_eq!((cursor("texts")?, cursor("newest")?), (Some(end(records)), Some(Position::ZERO)));
    assert_ne!(digest(&*store.snapshot())?, before, "the old rows of the view are gone");

    // A rebuild that is interrupted goes on where it stopped.
    rebuilding.apply(&records[..100])?;
    assert_eq!(cursor("newest")?, Some(records[99].position()));
    let first_part = counts(&folded);
    let resumed = sample_runner(Arc::clone(store), 2, &folded)?;
    assert_eq!(resumed.position(), records[99].position());
    resumed.apply(records)?;
    assert!(first_part[1] > 0 && first_part[1] < facts);
    assert_eq!(counts(&folded), [0, facts], "the other view was not folded again");
    assert_eq!(digest(&*store.snapshot())?, before);
    assert_eq!((cursor("texts")?, cursor("newest")?), (Some(end(records)), Some(end(records))));
    Ok(())
}

fn a_hole_is_refused(store: Arc<dyn RowStore>, records: &[Record]) -> Result<(), ViewFault> {
    let runner = sample_runner(store, 1, &Folded::default())?;
    runner.apply(&records[..10])?;
    assert!(runner.apply(&records[11..20]).is_err(), "a record is missing");
    let turned = [records[11].clone(), records[10].clone()];
    assert!(runner.apply(&turned).is_err(), "the order is wrong");
    assert_eq!(runner.position(), records[9].position());
    runner.apply(&records[10..20])?;
    Ok(())
}

fn a_difference_is_found(live: &dyn RowStore, replayed: &dyn RowStore, records: &[Record]) -> Result<(), ViewFault> {
    let row = |key: &[u8]| (key.to_vec(), Some(key.to_vec()));
    let many: Writes = (0..=u16::MAX).step_by(50).map(|n| row(&[&[1, 1][..], &n.to_be_bytes()].concat())).collect();
    for store in [live, replayed] {
        store.commit(&many)?;
    }
    live.commit(&Writes::from([row(&[0, 0, 7])]))?;
    assert_eq!(compare(&*live.snapshot(), &*replayed.snapshot())?, None, "cursors do not count");
    replayed.commit(&Writes::from([row(&[9, 9])]))?;
    live.commit(&Writes::from([(vec![1, 1, 255, 5], Some(b"only here".to_vec()))]))?;
    let first = compare(&*live.snapshot(), &*replayed.snapshot())?.map(|difference| (difference.view, difference.key));
    assert_eq!(first, Some((1, vec![1, 1, 255, 5])));
    live.delete_range(&[1], &[9])?;
    let first = compare(&*live.snapshot(), &*replayed.snapshot())?.map(|difference| difference.key);
    assert_eq!(first, Some(vec![1, 1, 0, 0]));
    assert_ne!(digest(&*live.snapshot())?, digest(&*replayed.snapshot())?);
    assert_ne!(digest_after(records)?, digest(&*live.snapshot())?);
    Ok(())
}
