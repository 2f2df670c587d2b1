//! The writer: groups, order, failure, bounds.

use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};

use event_log::{
    AppendError, Draft, Invalid, LogFault, MAX_BATCH_RECORDS, MAX_PAYLOAD_BYTES, MemoryBackend, Outcome, Payload, Position,
    Rejected, Tip, Unit, Writer, verify_log,
};
use proptest::prelude::*;

use crate::support::{Bench, draft, erase, log_of, open, unit};

fn invalid(rejected: Result<(), Rejected<u32>>) -> Invalid {
    match rejected {
        Err(Rejected::Invalid(_, invalid)) => invalid,
        other => panic!("not rejected as invalid: {other:?}"),
    }
}

#[test]
fn a_unit_is_numbered_down_to_its_last_record() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let bench = Bench::new(&log);
    let records = bench.append(unit("room:a", &["1", "2", "3"])).unwrap();
    assert_eq!(records.iter().map(|record| record.header.rest).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(records.iter().map(|record| record.position().0).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(log.reader.head(), Position(4));
}

#[test]
fn units_that_wait_share_one_append_and_keep_their_order() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    // The callback holds the writer until the gate opens, so that everything else must queue.
    let (gate, wait) = sync_channel::<()>(0);
    let (send, outcomes) = channel();
    let writer = Writer::spawn(log.take(), 1_024, move |outcome| {
        let _closed = wait.recv();
        let _unheard = send.send(outcome);
    })
    .unwrap();
    for token in 0..600_u32 {
        writer.submit(unit("room:a", &["x"]), token).unwrap();
    }
    drop(gate);
    writer.close();
    let mut tokens = Vec::new();
    let mut last = Position(1);
    for outcome in outcomes {
        let Outcome::Appended { records, units } = outcome else { panic!("nothing fails here") };
        assert_eq!(records.len(), units.len());
        for done in units {
            assert_eq!((done.first, done.last), (last.next(), last.next()));
            last = done.last;
            tokens.push(done.token);
        }
    }
    assert_eq!(tokens, (0..600).collect::<Vec<_>>());
    assert!(backend.appends() <= 1 + 1 + 3, "{} appends for 600 units", backend.appends());
}

#[test]
fn after_a_failed_append_everything_behind_it_fails_and_the_next_works() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let (gate, wait) = sync_channel::<()>(0);
    let (send, outcomes) = channel();
    let writer = Writer::spawn(log.take(), 1_024, move |outcome| {
        let _unheard = send.send(outcome);
        let _closed = wait.recv();
    })
    .unwrap();
    // While the news of this one holds the writer, everything else must queue, in one generation.
    writer.submit(unit("room:a", &["x"]), 100).unwrap();
    assert!(matches!(outcomes.recv().unwrap(), Outcome::Appended { .. }));
    backend.fail_next(AppendError::Full);
    for token in 0..10_u32 {
        writer.submit(unit("room:a", &["x"]), token).unwrap();
    }
    let before = writer.generation();
    drop(gate);
    let mut failed = Vec::new();
    while failed.len() < 10 {
        match outcomes.recv().unwrap() {
            Outcome::Failed { error, tokens } => {
                assert_eq!(error, AppendError::Full);
                failed.extend(tokens);
            }
            Outcome::Appended { .. } => panic!("nothing behind a failed append may be recorded"),
        }
    }
    assert_eq!(failed, (0..10).collect::<Vec<_>>());
    // What was decided before the failure is refused, or failed if it slips in before the generation has risen.
    match writer.submit_in(before, unit("room:a", &["old"]), 10) {
        Err(rejected) => assert!(matches!(rejected, Rejected::Stale(10))),
        Ok(()) => assert!(matches!(outcomes.recv().unwrap(), Outcome::Failed { tokens, .. } if tokens == [10])),
    }
    writer.submit(unit("room:a", &["new"]), 11).unwrap();
    assert!(matches!(outcomes.recv().unwrap(), Outcome::Appended { units, .. } if units[0].token == 11));
    writer.close();
    assert_eq!(log.reader.head(), Position(3));
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn an_append_that_failed_is_taken_over_when_its_records_turn_out_whole() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    // Storage keeps the whole batch, then reports a failure: the worst kind of answer.
    backend.tear_next(usize::MAX);
    assert!(matches!(bench.fail(unit("room:a", &["x", "y"])), AppendError::Unavailable(_)));
    assert!(matches!(bench.fail(unit("room:a", &["lost"])), AppendError::Unavailable(_)));
    backend.power_on();
    let before = bench.writer.generation();
    bench.writer.submit(unit("room:a", &["decided without them"]), 1).unwrap();
    let Outcome::Appended { records, units } = bench.outcomes.recv().unwrap() else { panic!("the records are there") };
    assert_eq!((records.len(), units.len()), (2, 0));
    assert!(matches!(bench.outcomes.recv().unwrap(), Outcome::Failed { tokens, .. } if tokens == [1]));
    assert!(bench.writer.generation() > before);
    assert_eq!(bench.append(unit("room:a", &["z"])).unwrap()[0].position(), Position(4));
    bench.close();
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn what_is_left_of_a_torn_append_is_cut_off_while_running() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    for bytes in (0..1_800).step_by(97) {
        let head = log.reader.head();
        backend.tear_next(bytes);
        bench.fail(unit("room:a", &["x", "y", "z", "a", "b"]));
        backend.power_on();
        assert_eq!(bench.append(unit("room:a", &["after"])).unwrap()[0].position(), head.next(), "{bytes}");
    }
    bench.close();
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn a_full_queue_gives_the_token_back() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let (gate, wait) = sync_channel::<()>(0);
    let writer = Writer::spawn(log.take(), 2, move |_: Outcome<u32>| {
        let _closed = wait.recv();
    })
    .unwrap();
    let mut accepted = 0;
    let rejected = loop {
        match writer.submit(unit("room:a", &["x"]), accepted) {
            Ok(()) => accepted += 1,
            Err(rejected) => break rejected,
        }
        assert!(accepted < 300, "a queue of two must fill");
    };
    assert!(matches!(rejected, Rejected::Full(token) if token == accepted));
    drop(gate);
}

#[test]
fn a_closed_writer_gives_back_what_it_appended_with() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let first = Bench::new(&log);
    first.append(unit("room:a", &["x"])).unwrap();
    first.close();
    assert_eq!(Bench::new(&log).append(unit("room:a", &["y"])).unwrap()[0].position(), Position(3));
}

#[test]
fn what_can_never_be_recorded_is_refused_at_the_door() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let bench = Bench::new(&log);
    let submit = |unit: Unit| invalid(bench.writer.submit(unit, 0));
    let with = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft("room:a", "x");
        change(&mut draft);
        Unit::of(vec![draft])
    };
    assert_eq!(submit(Unit::default()), Invalid::Empty);
    assert_eq!(submit(with(&|draft| draft.stream = "log".to_owned())), Invalid::Reserved);
    assert_eq!(submit(with(&|draft| draft.kind = "log.erased".to_owned())), Invalid::Reserved);
    assert_eq!(submit(with(&|draft| draft.stream = String::new())), Invalid::Text { what: "stream" });
    assert_eq!(submit(with(&|draft| draft.stream = "a\0b".to_owned())), Invalid::Text { what: "stream" });
    assert_eq!(submit(with(&|draft| draft.kind = "k".repeat(129))), Invalid::TooLarge { what: "kind", limit: 128 });
    let payload = Invalid::TooLarge { what: "payload bytes", limit: MAX_PAYLOAD_BYTES };
    assert_eq!(submit(with(&|draft| draft.payload = vec![0; MAX_PAYLOAD_BYTES + 1])), payload);
    let many = Unit::of(vec![draft("room:a", "x"); MAX_BATCH_RECORDS + 1]);
    assert_eq!(submit(many), Invalid::TooLarge { what: "records in a unit", limit: MAX_BATCH_RECORDS });
    assert_eq!(submit(erase(&[1])), Invalid::NotErasable(Position(1)));
    assert_eq!(submit(erase(&[2])), Invalid::NotErasable(Position(2)));
    assert_eq!(submit(erase(&[])), Invalid::Empty);
}

#[test]
fn erasing_keeps_verify_green_and_deletes_the_payload() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["one", "two"]), unit("room:b", &["three"]), erase(&[2, 4])]);
    let records = log.reader.read(Position(2), 3).unwrap();
    assert_eq!((&records[0].payload, &records[2].payload), (&Payload::Erased, &Payload::Erased));
    assert_eq!(records[1].bytes(), Some(&b"two"[..]));
    assert_eq!(verify_log(&log.tree, &mut |_| ()).unwrap().erased, 2);
}

#[test]
fn a_unit_erases_only_in_the_streams_that_it_names() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let bench = Bench::new(&log);
    bench.append(unit("room:a", &["of a"])).unwrap();
    bench.append(unit("room:b", &["of b"])).unwrap();
    let erasing = |positions: &[u64]| {
        let mut unit = erase(positions);
        unit.erase.as_mut().unwrap().within = vec!["room:a".to_owned(), "room:c".to_owned()];
        unit
    };
    for positions in [&[1][..], &[3], &[2, 3]] {
        let refused = invalid(bench.writer.submit(erasing(positions), 0));
        assert!(matches!(refused, Invalid::NotErasable(Position(1 | 3))), "{positions:?}: {refused:?}");
    }
    bench.append(erasing(&[2])).unwrap();
    bench.close();
    let records = log.reader.read(Position(2), 2).unwrap();
    assert_eq!((&records[0].payload, records[1].bytes()), (&Payload::Erased, Some(&b"of b"[..])));
    assert_eq!(verify_log(&log.tree, &mut |_| ()).unwrap().erased, 1);
}

#[test]
fn time_never_falls() {
    let backend = Arc::new(MemoryBackend::new());
    let clock = crate::support::FixedClock::at(2_000);
    let (log, _) =
        event_log::Appender::open(backend, crate::support::key(), crate::support::ORIGIN, Arc::clone(&clock) as _).unwrap();
    let log = crate::support::Log::of(log);
    let bench = Bench::new(&log);
    clock.set(1_000);
    assert_eq!(bench.append(unit("room:a", &["x"])).unwrap()[0].header.at_ms, 2_000);
}

#[test]
fn a_storage_fault_is_passed_on() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let fault = AppendError::Fault(LogFault::Storage("on fire".to_owned()));
    backend.fail_next(fault.clone());
    assert_eq!(bench.append(unit("room:a", &["x"])), Err(fault));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_record_follows_the_one_before(units in prop::collection::vec(prop::collection::vec("\\PC{0,20}", 1..5), 1..20)) {
        let units = units.iter().map(|payloads| {
            unit("room:a", &payloads.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let log = log_of(&Arc::new(MemoryBackend::new()), units.collect());
        let mut tip = Tip::START;
        for record in log.reader.read(Position(1), 1_000).unwrap() {
            tip.check(&record.header).unwrap();
            tip = Tip::of(&record.header);
        }
        prop_assert_eq!(tip, log.reader.tip());
        verify_log(&log.tree, &mut |_| ()).unwrap();
    }
}
