//! Tests of rows that remember, from outside: what they say from memory is what the rows beneath them say.

use std::sync::Arc;

use event_log::Position;
use projection::{Batch, KeyRange, MemoryRows, Order, Recent, RowStore, Rows, Table, ViewFault, conformance};
use proptest::prelude::*;

const HELD_BYTES_MAX: usize = 1 << 20;

fn memory() -> Result<Arc<dyn RowStore>, ViewFault> {
    Ok(Arc::new(MemoryRows::new()))
}

#[test]
fn rows_that_remember_their_newest_conform_too() {
    let recent = || Ok(Arc::new(Recent::above(Position::ZERO, memory()?, HELD_BYTES_MAX)) as Arc<dyn RowStore>);
    conformance::check_store(&recent).unwrap();
    conformance::check_runner(&recent).unwrap();
}

proptest! {
    #[test]
    fn asking_for_what_is_newer_misses_nothing(
        commits in proptest::collection::vec(
            proptest::collection::vec((0..3u8, 0..20u64, any::<bool>()), 0..6), 0..8),
        (asked, after, through) in (0..3u8, 0..20u64, 0..22u64),
    ) {
        const TABLE: Table<(u8, u64), ()> = Table::by_position(1, 1);
        let (plain, recent) = (MemoryRows::new(), Recent::above(Position::ZERO, memory().unwrap(), HELD_BYTES_MAX));
        for commit in commits {
            for store in [&plain as &dyn RowStore, &recent] {
                let snapshot = store.snapshot();
                let mut batch = Batch::new(&*snapshot);
                for (prefix, position, is_there) in &commit {
                    if *is_there {
                        TABLE.put(&mut batch, &(*prefix, *position), &()).unwrap();
                    } else {
                        TABLE.delete(&mut batch, &(*prefix, *position)).unwrap();
                    }
                }
                let writes = batch.into_writes();
                drop(snapshot);
                store.commit(&writes).unwrap();
            }
            for range in [KeyRange::newer(&(asked,), after), KeyRange::newer_through(&(asked,), after, through)] {
                let expected: Vec<_> = TABLE
                    .collect_keys(&*plain.snapshot(), KeyRange::prefix(&(asked,)), Order::Ascending, 100)
                    .unwrap()
                    .into_iter()
                    .filter(|(_, position)| *position > after)
                    .collect();
                let found = TABLE.collect_keys(&*recent.snapshot(), range.clone(), Order::Ascending, 100).unwrap();
                let same = TABLE.collect_keys(&*plain.snapshot(), range, Order::Ascending, 100).unwrap();
                prop_assert_eq!(&found, &same);
                prop_assert!(found.iter().all(|key| expected.contains(key)));
            }
        }
    }

    /// Counts come from memory once the prefix was asked for; a snapshot that is held counts what it holds.
    #[test]
    fn counts_are_those_of_the_snapshot_that_is_asked(
        commits in proptest::collection::vec(
            proptest::collection::vec((0..2u8, 0..300u64, 0..5u8), 0..60), 1..12),
        held_at in 0..12usize, after in 0..300u64, limit in 0..130usize,
    ) {
        const TABLE: Table<(u8, u64), ()> = Table::by_position(1, 1);
        let recent = Recent::above(Position::ZERO, memory().unwrap(), HELD_BYTES_MAX);
        let counted = |rows: &dyn Rows, prefix: u8, after: u64| {
            let all = TABLE.collect_keys(rows, KeyRange::newer(&(prefix,), after), Order::Ascending, 1_000).unwrap();
            (TABLE.count(rows, KeyRange::newer(&(prefix,), after), limit).unwrap(), all.len().min(limit))
        };
        let mut held = None;
        for (number, commit) in commits.into_iter().enumerate() {
            if number == held_at {
                held = Some(recent.snapshot());
            }
            let snapshot = recent.snapshot();
            let mut batch = Batch::new(&*snapshot);
            for (prefix, position, kind) in commit {
                // Mostly what is new comes at the end.
                let key = (prefix, position + 100 * number as u64);
                if kind == 0 {
                    TABLE.delete(&mut batch, &key).unwrap();
                } else {
                    TABLE.put(&mut batch, &key, &()).unwrap();
                }
            }
            recent.commit(&batch.into_writes()).unwrap();
            let now = recent.snapshot();
            for rows in [Some(&now), held.as_ref()].into_iter().flatten() {
                for (prefix, after) in [(0, after), (1, after), (0, after + 100 * number as u64)] {
                    let (count, expected) = counted(&**rows, prefix, after);
                    prop_assert_eq!(count, expected, "after {}, commit {}", after, number);
                }
            }
        }
    }

    /// Rows of a held table come from memory once they were read; each snapshot reads its own, also one that is older than
    /// what is held, and one of which something was read before all rows changed in another way than by a commit.
    #[test]
    fn held_rows_are_those_of_the_snapshot_that_is_asked(
        steps in proptest::collection::vec((0..8u8, proptest::collection::vec((0..3u8, 0..4u8, 0..3u8), 0..6)), 1..20),
    ) {
        const PLAIN: Table<(String, u8), u8> = Table::new(1, 2);
        const HELD: Table<(String, u8), u8> = Table::new(1, 2).held();
        const HELD_WHERE_PRESENT: Table<(String, u8), u8> = Table::new(1, 2).held_where_present();
        let recent = Recent::above(Position::ZERO, memory().unwrap(), HELD_BYTES_MAX);
        let mut snapshots = Vec::new();
        for (kind, writes) in steps {
            snapshots.push(recent.snapshot());
            match kind {
                0 => recent.delete_range(&[1, 2, b'b'], &[1, 2, b'c']).unwrap(),
                1 => snapshots = snapshots.split_off(snapshots.len() / 2),
                _ => {
                    let snapshot = recent.snapshot();
                    let mut batch = Batch::new(&*snapshot);
                    for (person, room, value) in writes {
                        let key = (["a", "b", "bb"][usize::from(person)].to_owned(), room);
                        if value == 0 {
                            PLAIN.delete(&mut batch, &key).unwrap();
                        } else {
                            PLAIN.put(&mut batch, &key, &value).unwrap();
                        }
                    }
                    recent.commit(&batch.into_writes()).unwrap();
                }
            }
            snapshots.push(recent.snapshot());
            for rows in snapshots.iter().rev() {
                for person in ["b", "a", "bb"] {
                    let all = |table: Table<(String, u8), u8>| {
                        table.collect(&**rows, KeyRange::prefix(&(person,)), Order::Ascending, 2 + usize::from(kind)).unwrap()
                    };
                    // One person's rows are asked for one by one before all of them, another's after.
                    let one = |table: Table<(String, u8), u8>| table.get(&**rows, &(person, kind % 4)).unwrap();
                    if kind % 2 == 0 {
                        prop_assert_eq!(one(HELD), one(PLAIN));
                    }
                    prop_assert_eq!((all(HELD), all(HELD_WHERE_PRESENT)), (all(PLAIN), all(PLAIN)));
                    prop_assert_eq!((one(HELD), one(HELD_WHERE_PRESENT)), (one(PLAIN), one(PLAIN)));
                }
            }
        }
    }
}

/// That most have no row is what is read most often: whether an account is locked, whether somebody was erased.
#[test]
fn that_there_is_no_row_is_held_unless_strangers_make_up_the_keys() {
    const HELD: Table<(String, u8), u8> = Table::new(1, 2).held();
    const HELD_WHERE_PRESENT: Table<(String, u8), u8> = Table::new(1, 3).held_where_present();
    let store = memory().unwrap();
    let recent = Recent::above(Position::ZERO, Arc::clone(&store), HELD_BYTES_MAX);
    let all = || HELD.collect(&*recent.snapshot(), KeyRange::prefix(&("a",)), Order::Ascending, 9).unwrap().len();
    let one = |table: Table<(String, u8), u8>| table.get(&*recent.snapshot(), &("a", 1_u8)).unwrap();
    assert_eq!((one(HELD), one(HELD_WHERE_PRESENT), all()), (None, None, 0));
    // Behind its back, so that whoever reads sees it.
    let snapshot = store.snapshot();
    let mut batch = Batch::new(&*snapshot);
    HELD.put(&mut batch, &("a", 1_u8), &1).unwrap();
    HELD_WHERE_PRESENT.put(&mut batch, &("a", 1_u8), &1).unwrap();
    let writes = batch.into_writes();
    store.commit(&writes).unwrap();
    assert_eq!((one(HELD), one(HELD_WHERE_PRESENT)), (None, Some(1)));
    recent.commit(&writes).unwrap();
    assert_eq!((one(HELD), all()), (Some(1), 1));
}
