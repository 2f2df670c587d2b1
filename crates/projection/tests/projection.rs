//! Tests of the crate from outside: keys, batches, and the conformance checks on rows in memory.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly too")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{
    Appender, Class, Draft, LogKey, MemoryBackend, Outcome, Position, Reader, Record, SystemClock, Unit, Writer,
};
use projection::{
    Batch, Decode, Decoded, EncodeKey, GROUP_RECORDS, KeyRange, MemoryRows, Order, Rebuilt, RowKey, RowStore, Runner, Table,
    ViewFault, compare, conformance, digest, disagreement, parked, position_of_snapshot, reconcile,
};
use proptest::prelude::*;

fn memory() -> Result<Arc<dyn RowStore>, ViewFault> {
    Ok(Arc::new(MemoryRows::new()))
}

#[test]
fn memory_rows_conform() {
    conformance::check_store(&memory).unwrap();
}

#[test]
fn the_runner_keeps_its_promises_on_memory_rows() {
    conformance::check_runner(&memory).unwrap();
}

fn encoded(key: &impl EncodeKey) -> Vec<u8> {
    let mut out = Vec::new();
    key.encode(&mut out);
    out
}

/// Strings of few characters, the escaped ones among them, so that they meet and begin with each other.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(vec!['\0', '\u{1}', '\u{2}', 'a', 'b', '\u{10ffff}']), 0..5)
            .prop_map(String::from_iter),
        any::<String>(),
    ]
}

type Four = (String, u64, String, i64);

fn four() -> impl Strategy<Value = Four> {
    let small = prop_oneof![0..3u64, any::<u64>()];
    (text(), small, text(), prop_oneof![-2..2i64, any::<i64>()])
}

proptest! {
    #[test]
    fn keys_keep_their_order_and_come_back(one in four(), other in four()) {
        prop_assert_eq!(encoded(&one).cmp(&encoded(&other)), one.cmp(&other));
        prop_assert_eq!(Four::decode(&encoded(&one)), Some(one));
    }

    #[test]
    fn borrowed_and_owned_keys_are_the_same_bytes(text in text(), number in any::<u64>()) {
        let borrowed = encoded(&(text.as_str(), Position(number)));
        prop_assert_eq!(&borrowed, &encoded(&(text.clone(), number)));
        prop_assert_eq!(<(String, Position)>::decode(&borrowed), Some((text, Position(number))));
    }

    #[test]
    fn a_prefix_holds_exactly_its_keys(prefix in text(), keys in proptest::collection::btree_set((text(), text()), 0..20)) {
        const TABLE: Table<(String, String), u64> = Table::new(7, 3);
        let store = MemoryRows::new();
        let snapshot = store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        for key in &keys {
            TABLE.put(&mut batch, key, &1).unwrap();
        }
        let whole = TABLE.collect_keys(&batch, KeyRange::whole(), Order::Ascending, 100).unwrap();
        prop_assert_eq!(whole, Vec::from_iter(keys.iter().cloned()));
        let found = TABLE.collect_keys(&batch, KeyRange::prefix(&prefix), Order::Descending, 100).unwrap();
        let expected: Vec<_> = keys.iter().rev().filter(|key| key.0 == prefix).cloned().collect();
        prop_assert_eq!(found, expected);
        let found = TABLE.collect_keys(&batch, KeyRange::prefix_text(&(), &prefix), Order::Ascending, 100).unwrap();
        let expected: Vec<_> = keys.iter().filter(|key| key.0.starts_with(&prefix)).cloned().collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn garbage_is_refused_or_means_itself(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Some(key) = <(String, u8, bool)>::decode(&bytes) {
            prop_assert_eq!(encoded(&key), bytes);
        }
    }

    #[test]
    fn a_batch_reads_like_a_map(
        base in proptest::collection::btree_map(0..40u64, any::<u16>(), 0..30),
        writes in proptest::collection::vec((0..40u64, proptest::option::of(any::<u16>())), 0..40),
        (from, to) in (0..41u64, 0..41u64),
        limit in 0..20usize,
    ) {
        const TABLE: Table<u64, u16> = Table::new(1, 1);
        let store = MemoryRows::new();
        let empty = store.snapshot();
        let mut first = Batch::new(&*empty);
        for (key, value) in &base {
            TABLE.put(&mut first, key, value).unwrap();
        }
        store.commit(&first.into_writes()).unwrap();
        let snapshot = store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        let mut model: BTreeMap<u64, u16> = base;
        for (key, value) in &writes {
            if let Some(value) = value {
                TABLE.put(&mut batch, key, value).unwrap();
                model.insert(*key, *value);
            } else {
                TABLE.delete(&mut batch, key).unwrap();
                model.remove(key);
            }
        }
        let expected: Vec<_> = model.iter().map(|(key, value)| (*key, *value)).filter(|row| from <= row.0 && row.0 < to).collect();
        let ascending = TABLE.collect(&batch, KeyRange::between(&from, &to), Order::Ascending, limit).unwrap();
        prop_assert_eq!(&ascending, &expected.iter().take(limit).copied().collect::<Vec<_>>());
        let descending = TABLE.collect(&batch, KeyRange::between(&from, &to), Order::Descending, limit).unwrap();
        prop_assert_eq!(&descending, &expected.iter().rev().take(limit).copied().collect::<Vec<_>>());
        for key in 0..40 {
            prop_assert_eq!(TABLE.get(&batch, &key).unwrap(), model.get(&key).copied());
        }
        prop_assert_eq!(TABLE.count(&batch, KeyRange::between(&from, &to), limit).unwrap(), ascending.len());
        let deleted = TABLE.delete_all(&mut batch, KeyRange::between(&from, &to)).unwrap();
        prop_assert_eq!(deleted, expected.len());
        prop_assert_eq!(TABLE.first(&batch, KeyRange::between(&from, &to)).unwrap(), None);
    }
}

#[test]
fn ranges_within_a_prefix_begin_and_end_where_they_say() {
    const TABLE: Table<(String, u64), ()> = Table::new(1, 1);
    let store = MemoryRows::new();
    let snapshot = store.snapshot();
    let mut batch = Batch::new(&*snapshot);
    for (room, number) in [("a", 1u64), ("b", 1), ("b", 2), ("b", 3), ("c", 1)] {
        TABLE.put(&mut batch, &(room, number), &()).unwrap();
    }
    let check = |range: KeyRange, expected: &[(&str, u64)]| {
        let found = TABLE.collect_keys(&batch, range.clone(), Order::Ascending, 10).unwrap();
        let found: Vec<_> = found.iter().map(|(room, number)| (room.as_str(), *number)).collect();
        assert_eq!(found, expected, "{range:?}");
    };
    let two = ("b", 2u64);
    check(KeyRange::prefix_from("b", &two), &[("b", 2), ("b", 3)]);
    check(KeyRange::prefix_after("b", &two), &[("b", 3)]);
    check(KeyRange::prefix_before("b", &two), &[("b", 1)]);
    check(KeyRange::prefix_through("b", &two), &[("b", 1), ("b", 2)]);
    check(KeyRange::from(&two), &[("b", 2), ("b", 3), ("c", 1)]);
    check(KeyRange::after("b"), &[("c", 1)]);
    check(KeyRange::between("b", &two), &[("b", 1)]);
    check(KeyRange::prefix("d"), &[]);
    assert_eq!(TABLE.last(&batch, KeyRange::prefix("b")).unwrap(), Some((("b".to_owned(), 3), ())));
    assert_eq!(TABLE.first(&batch, KeyRange::whole()).unwrap(), Some((("a".to_owned(), 1), ())));
    assert!(TABLE.contains(&batch, &two).unwrap());
}

#[test]
fn a_row_of_another_shape_is_a_fault_and_not_a_panic() {
    const WRITTEN: Table<(String, u64), String> = Table::new(1, 1);
    const READ: Table<(String, u64), u64> = Table::new(1, 1);
    const OTHER_KEY: Table<u64, String> = Table::new(1, 1);
    let store = MemoryRows::new();
    let snapshot = store.snapshot();
    let mut batch = Batch::new(&*snapshot);
    WRITTEN.put(&mut batch, &("a", 1u64), &"text".to_owned()).unwrap();
    assert!(READ.get(&batch, &("a", 1u64)).is_err());
    let mut visited = 0;
    let outcome = OTHER_KEY.scan(&batch, KeyRange::whole(), Order::Ascending, |_, _| {
        visited += 1;
        ControlFlow::Continue(())
    });
    assert!(outcome.is_err());
    assert_eq!(visited, 0);
}

#[test]
fn two_views_may_not_share_a_name_or_a_byte() {
    let folds = || conformance::sample_folds(1, &Default::default());
    let twice: Vec<_> = folds().into_iter().chain(folds()).collect();
    let runner = Runner::new(Arc::new(MemoryRows::new()), twice, Box::new(Texts));
    assert!(runner.is_err());
}

struct Texts;

impl Decode<String> for Texts {
    fn decode(&self, record: &Record) -> Result<Decoded<String>, ViewFault> {
        Ok(Decoded::Fact(String::from_utf8_lossy(record.bytes().unwrap_or_default()).into_owned()))
    }
}

/// A log of `count` records beside its genesis record, as the writer made them. Its name is of the count, so that two
/// of another length have no record in common.
fn written_log(count: usize) -> Reader {
    let backend = Arc::new(MemoryBackend::new());
    let key = LogKey::from_seed(&[7; 32]);
    let (log, _) = Appender::open(backend, key, &format!("log{count}.example"), Arc::new(SystemClock)).unwrap();
    let (report, outcomes) = std::sync::mpsc::channel();
    let reader = log.reader().clone();
    let writer = Writer::spawn(log, count, move |outcome| report.send(outcome).unwrap()).unwrap();
    for n in 0..count {
        let draft = Draft {
            stream: format!("room:{}", n % 5),
            kind: "sample.text".to_owned(),
            kind_version: 1,
            class: Class::Plain,
            payload: format!("text {n}").into_bytes(),
        };
        writer.submit(Unit::of(vec![draft]), ()).unwrap();
    }
    writer.close();
    for outcome in outcomes {
        assert!(matches!(outcome, Outcome::Appended { .. }));
    }
    reader
}

#[test]
fn catching_up_gives_the_rows_that_applying_gave() {
    let log = written_log(GROUP_RECORDS * 2 + 10);
    let records = log.read(Position::ZERO, usize::MAX).unwrap();
    let live = Arc::new(MemoryRows::new());
    let runner = conformance::sample_runner(live.clone(), 1, &Default::default()).unwrap();
    let mut told = Vec::new();
    for group in records.chunks(17) {
        told.extend(runner.apply(group).unwrap().placed);
    }
    assert_eq!(told.len(), GROUP_RECORDS * 2 + 10, "every fact comes back to the caller, the genesis record does not");
    assert_eq!(told[3].fact.as_deref(), Some("text 3"));

    let replayed = Arc::new(MemoryRows::new());
    let runner = conformance::sample_runner(replayed.clone(), 1, &Default::default()).unwrap();
    let mut steps = Vec::new();
    runner.catch_up(&log, &mut |position| steps.push(position)).unwrap();
    assert_eq!(steps.len(), 3, "a commit for each group");
    assert_eq!(steps.last(), Some(&log.head()));
    assert_eq!(runner.progress().reached(), log.head());
    assert_eq!(compare(&*live.snapshot(), &*replayed.snapshot()).unwrap(), None);
    assert_eq!(position_of_snapshot(&*replayed.snapshot()).unwrap(), log.head());

    // Applying what is folded already changes nothing and tells nothing.
    let nothing = runner.apply(&records).unwrap();
    assert!(nothing.placed.is_empty() && nothing.touched.into_newest().next().is_none());
    runner.catch_up(&log, &mut |_| panic!("there is nothing to catch up with")).unwrap();
}

#[test]
fn each_is_touched_once_with_the_newest_position_that_did() {
    let log = written_log(20);
    let records = log.read(Position::ZERO, usize::MAX).unwrap();
    let runner = conformance::sample_runner(Arc::new(MemoryRows::new()), 1, &Default::default()).unwrap();
    let touched = |records: &[Record]| Vec::from_iter(runner.apply(records).unwrap().touched.into_newest());
    let named = |touched: Vec<(String, Position)>| Vec::from_iter(touched.into_iter().map(|(name, at)| (name, at.0)));
    let first = named(touched(&records[..8]));
    let expected = [("room:0", 7), ("room:1", 8), ("room:2", 4), ("room:3", 5), ("room:4", 6)];
    assert_eq!(first, expected.map(|(name, at)| (name.to_owned(), at)));
    assert_eq!(named(touched(&records[..9])), [("room:2".to_owned(), 9)], "what was folded before touches nobody again");
}

/// Refuses one position until it is told not to.
struct Picky(Arc<AtomicU64>);

impl Decode<String> for Picky {
    fn decode(&self, record: &Record) -> Result<Decoded<String>, ViewFault> {
        if record.position().0 == self.0.load(Ordering::Relaxed) {
            return Err(ViewFault::new("not this one"));
        }
        Texts.decode(record)
    }
}

#[test]
fn a_fault_while_catching_up_keeps_the_groups_before_it_and_can_be_mended() {
    let log = written_log(GROUP_RECORDS * 3);
    let refused = Arc::new(AtomicU64::new(GROUP_RECORDS as u64 + 20));
    let store = Arc::new(MemoryRows::new());
    let folds = conformance::sample_folds(1, &Default::default());
    let runner = Runner::new(store.clone(), folds, Box::new(Picky(Arc::clone(&refused)))).unwrap();
    let fault = runner.catch_up(&log, &mut |_| {}).unwrap_err();
    assert_eq!(fault.to_string(), "not this one");
    assert_eq!(runner.position(), Position(GROUP_RECORDS as u64));
    refused.store(0, Ordering::Relaxed);
    runner.catch_up(&log, &mut |_| {}).unwrap();
    let records = log.read(Position::ZERO, usize::MAX).unwrap();
    assert_eq!(digest(&*store.snapshot()).unwrap(), conformance::digest_after(&records).unwrap());
}

/// Reads nothing at one position, and everything once that is zero.
struct Blind(Arc<AtomicU64>);

impl Decode<String> for Blind {
    fn decode(&self, record: &Record) -> Result<Decoded<String>, ViewFault> {
        if record.position().0 == self.0.load(Ordering::Relaxed) {
            return Ok(Decoded::Unreadable("it cannot be read".to_owned()));
        }
        Texts.decode(record)
    }
}

fn blind_runner(store: &Arc<MemoryRows>, at: &Arc<AtomicU64>) -> Runner<String, String> {
    let folds = conformance::sample_folds(1, &Default::default());
    Runner::new(store.clone(), folds, Box::new(Blind(Arc::clone(at)))).unwrap()
}

#[test]
fn what_does_not_read_is_parked_and_everything_else_is_folded() {
    let log = written_log(20);
    let blind = Arc::new(AtomicU64::new(7));
    let caught_up = Arc::new(MemoryRows::new());
    blind_runner(&caught_up, &blind).catch_up(&log, &mut |_| {}).unwrap();
    let applied = Arc::new(MemoryRows::new());
    let runner = blind_runner(&applied, &blind);
    for record in log.read(Position::ZERO, usize::MAX).unwrap() {
        let applied = runner.apply(&[record]).unwrap();
        assert!(applied.placed.iter().all(|placed| placed.fact.is_some() == (placed.place.position != Position(7))));
    }
    for store in [&caught_up, &applied] {
        let rows = store.snapshot();
        assert_eq!(position_of_snapshot(&*rows).unwrap(), log.head());
        let listed = parked(&*rows, 10).unwrap();
        let told = [(7, "sample.text", "it cannot be read")];
        assert_eq!(listed.iter().map(|p| (p.position, &*p.kind, &*p.reason)).collect::<Vec<_>>(), told);
        assert!(parked(&*rows, 0).unwrap().is_empty());
    }
    assert_eq!(compare(&*caught_up.snapshot(), &*applied.snapshot()).unwrap(), None, "parked alike, however folded");
}

#[test]
fn rows_stay_while_they_are_what_the_log_gives() {
    let log = written_log(20);
    let store = Arc::new(MemoryRows::new());
    assert_eq!(reconcile(&*store, &log, &Texts).unwrap(), None, "nothing is folded yet");
    let blind = Arc::new(AtomicU64::new(7));
    blind_runner(&store, &blind).catch_up(&log, &mut |_| {}).unwrap();
    let before = digest(&*store.snapshot()).unwrap();
    assert_eq!(disagreement(&*store.snapshot(), &log, &Texts).unwrap(), Some(Rebuilt::Readable(Position(7))));
    assert_eq!(digest(&*store.snapshot()).unwrap(), before, "asking changes nothing");
    assert_eq!(reconcile(&*store, &log, &Blind(Arc::clone(&blind))).unwrap(), None);
    assert_eq!(digest(&*store.snapshot()).unwrap(), before);

    // A reader that can read what was parked.
    assert_eq!(reconcile(&*store, &log, &Texts).unwrap(), Some(Rebuilt::Readable(Position(7))));
    blind.store(0, Ordering::Relaxed);
    blind_runner(&store, &blind).catch_up(&log, &mut |_| {}).unwrap();
    assert!(parked(&*store.snapshot(), 10).unwrap().is_empty());
    let records = log.read(Position::ZERO, usize::MAX).unwrap();
    assert_eq!(digest(&*store.snapshot()).unwrap(), conformance::digest_after(&records).unwrap());
}

#[test]
fn rows_of_another_or_a_later_log_are_thrown_away() {
    let (log, longer) = (written_log(20), written_log(21));
    for (folded, under, reason) in
        [(&longer, &log, Rebuilt::OlderLog(longer.head())), (&log, &longer, Rebuilt::OtherLog(log.head()))]
    {
        let store = Arc::new(MemoryRows::new());
        let nothing = Arc::new(AtomicU64::new(0));
        blind_runner(&store, &nothing).catch_up(folded, &mut |_| {}).unwrap();
        assert_eq!(reconcile(&*store, under, &Texts).unwrap(), Some(reason));
        assert_eq!(digest(&*store.snapshot()).unwrap(), digest(&*MemoryRows::new().snapshot()).unwrap());
        blind_runner(&store, &nothing).catch_up(under, &mut |_| {}).unwrap();
        assert_eq!(position_of_snapshot(&*store.snapshot()).unwrap(), under.head());
        assert_eq!(reconcile(&*store, under, &Texts).unwrap(), None);
    }
}

#[test]
fn a_view_that_lags_behind_does_not_hide_how_far_the_others_have_come() {
    let (log, longer) = (written_log(5), written_log(GROUP_RECORDS * 2));
    let store = Arc::new(MemoryRows::new());
    let counts = Default::default();
    conformance::sample_runner(store.clone(), 1, &counts).unwrap().catch_up(&longer, &mut |_| {}).unwrap();
    // One view is of a new version and has come only a part of the way when the process ends.
    let runner = conformance::sample_runner(store.clone(), 2, &counts).unwrap();
    runner.apply(&longer.read(Position::ZERO, GROUP_RECORDS).unwrap()).unwrap();
    drop(runner);
    assert_eq!(reconcile(&*store, &longer, &conformance::Text).unwrap(), None);
    assert_eq!(reconcile(&*store, &log, &conformance::Text).unwrap(), Some(Rebuilt::OlderLog(longer.head())));
}

#[test]
fn catching_up_can_be_stopped_and_goes_on_where_it_was() {
    let log = written_log(GROUP_RECORDS * 3);
    let store = Arc::new(MemoryRows::new());
    let runner = conformance::sample_runner(store.clone(), 1, &Default::default()).unwrap();
    let stopped = runner.catch_up_while(&log, &mut |_| false).unwrap_err();
    assert_eq!(stopped.to_string(), "catching up was stopped");
    assert_eq!(position_of_snapshot(&*store.snapshot()).unwrap(), Position(GROUP_RECORDS as u64));
    runner.catch_up(&log, &mut |_| {}).unwrap();
    assert_eq!(position_of_snapshot(&*store.snapshot()).unwrap(), log.head());
}
