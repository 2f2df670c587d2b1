//! Days are counted right wherever they begin in the log, and the newest records are those asked for.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::channel,
};

use event_log::{Appender, Class, Clock, Draft, LogKey, MemoryBackend, Outcome, Unit, Writer};

use super::*;

/// A clock that stands still until it is set.
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A log with as many records of `test.said` at each moment, behind the one that begins it, which is of the first moment.
fn log_of(moments: &[(u64, usize)]) -> Appender {
    let clock = Arc::new(SetClock(AtomicU64::new(moments.first().map_or(0, |(at_ms, _)| *at_ms))));
    let backend = Arc::new(MemoryBackend::new());
    let opened = Appender::open(backend, LogKey::from_seed(&[1; 32]), "example.org", Arc::clone(&clock) as _).unwrap();
    let (send, outcomes) = channel();
    let writer = Writer::spawn(opened.0, 8, move |outcome: Outcome<()>| send.send(outcome).unwrap()).unwrap();
    for (at_ms, count) in moments {
        clock.0.store(*at_ms, Ordering::SeqCst);
        for _ in 0..*count {
            let draft = Draft {
                stream: "user:@alice:example.org".to_owned(),
                kind: "test.said".to_owned(),
                kind_version: 1,
                class: Class::Plain,
                payload: b"{}".to_vec(),
            };
            writer.submit(Unit::of(vec![draft]), ()).unwrap();
            assert!(matches!(outcomes.recv().unwrap(), Outcome::Appended { .. }));
        }
    }
    writer.close().unwrap()
}

fn records(days: &[Day]) -> Vec<u64> {
    days.iter().map(|day| day.records).collect()
}

#[test]
fn records_are_counted_by_their_days() {
    let today = 20_000 * DAY_MS;
    // Long ago, at the first and the last moment of yesterday, and today.
    let log = log_of(&[(today - 90 * DAY_MS, 4), (today - DAY_MS, 3), (today - 1, 2), (today, 5), (today + 7, 1)]);
    let days = by_day(log.reader(), today + 8).unwrap();
    assert_eq!(days.len(), 30);
    assert_eq!(records(&days)[..28], [0; 28]);
    assert_eq!(records(&days)[28..], [5, 6]);
    assert_eq!(days.iter().map(|day| day.begins_at_ms).collect::<Vec<_>>()[28..], [today - DAY_MS, today]);
    // Three months earlier there is the beginning, with the record that every log begins with.
    let days = by_day(log.reader(), today - 90 * DAY_MS).unwrap();
    assert_eq!(days.last().unwrap().records, 5);
    // A clock that is behind counts nothing twice.
    let days = by_day(log.reader(), 5).unwrap();
    assert!(records(&days).iter().sum::<u64>() <= log.reader().tip().count);
}

#[test]
fn every_record_of_a_month_is_in_one_day() {
    let today = 20_000 * DAY_MS;
    let moments: Vec<_> = (0..30).rev().map(|ago| (today - ago * DAY_MS + ago, 2)).collect();
    let log = log_of(&moments);
    let days = by_day(log.reader(), today + 100).unwrap();
    assert_eq!(records(&days)[1..], [2; 29]);
    assert_eq!(records(&days).iter().sum::<u64>(), log.reader().tip().count);
}

#[test]
fn the_newest_records_come_oldest_first_and_have_an_end() {
    let log = log_of(&[(1_000, 70)]);
    let head = log.reader().head().0;
    let all = newest(log.reader(), None).unwrap();
    assert_eq!(all.len(), RECORDS_TOLD_MAX);
    assert_eq!((all.first().unwrap().position, all.last().unwrap().position), (head - 49, head));
    assert_eq!((all[0].kind.as_str(), all[0].at_ms), ("test.said", 1_000));
    assert_eq!(newest(log.reader(), Some(head - 2)).unwrap(), all[48..]);
    assert_eq!(newest(log.reader(), Some(1)).unwrap(), all);
    for after in [head, head + 5, u64::MAX] {
        assert_eq!(newest(log.reader(), Some(after)).unwrap(), []);
    }
}

#[test]
fn the_newest_checkpoint_is_told_with_the_key_that_signs() {
    let log = log_of(&[(1_000, 3)]);
    let standing = standing(log.tree(), 2_000).unwrap();
    let checkpoint = standing.checkpoint.unwrap();
    assert_eq!((checkpoint.records, standing.records), (4, 4));
    assert_eq!(standing.origin, "example.org");
    assert!(standing.verifier_key.starts_with("example.org+"), "{}", standing.verifier_key);
}
