//! Following a log, and reading it page by page: units are seen whole or not at all, and no other log is taken for this one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_log::{Follower, LogFault, MemoryBackend, Position, Reader, Record, RecordStore as _};

use crate::support::{Bench, draft, log_of, open, unit};

const LONG: Duration = Duration::from_secs(20);

fn beside(backend: &Arc<MemoryBackend>) -> Reader {
    Reader::open(Arc::clone(backend) as _).unwrap()
}

fn positions(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.position().0).collect()
}

fn now(follower: &mut Follower) -> Result<Vec<u64>, LogFault> {
    follower.next_page(100, Duration::ZERO).map(|page| positions(&page))
}

#[test]
fn a_follower_beside_a_torn_append_sees_nothing_of_it() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    bench.append(unit("room:a", &["kept"])).unwrap();
    let whole = backend.frame_len(Position(2));
    // Cut off within the first record, behind it, within the second.
    for bytes in [10, whole + 20, whole + whole / 2 + 20] {
        let head = log.reader.head();
        let mut followers = [log.reader.follow(head.next()), beside(&backend).follow(head.next())];
        backend.tear_next(bytes);
        bench.fail(unit("room:a", &["torn", "in two"]));
        backend.power_on();
        assert!(backend.head().unwrap() > Some(head), "{bytes}: something is left of it");
        for follower in &mut followers {
            assert_eq!(now(follower), Ok(vec![]), "{bytes}");
        }
        bench.append(unit("room:a", &["whole", "unit"])).unwrap();
        for follower in &mut followers {
            assert_eq!(now(follower), Ok(vec![head.0 + 1, head.0 + 2]), "{bytes}");
        }
    }
}

#[test]
fn a_log_that_was_set_back_is_not_gone_on_with() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![unit("room:a", &["kept"]), unit("room:a", &["lost"])]);
    let reader = beside(&backend);
    assert_eq!(reader.head(), Position(3));
    backend.cut(Position(2)).unwrap();
    let refused = reader.follow(Position(4)).next_page(1, LONG).unwrap_err();
    assert!(matches!(refused, LogFault::Damaged { position: Position(3), .. }), "{refused}");
    // The same length again, but other records.
    Bench::new(&open_without_checkpoint(&backend)).append(unit("room:a", &["another"])).unwrap();
    Bench::new(&open_without_checkpoint(&backend)).append(unit("room:a", &["and one more"])).unwrap();
    let refused = reader.follow(Position(4)).next_page(1, LONG).unwrap_err();
    assert!(matches!(refused, LogFault::Damaged { position: Position(4), .. }), "{refused}");
}

/// Opens a log whose last checkpoint covers more than is there: only its records are copied.
fn open_without_checkpoint(backend: &Arc<MemoryBackend>) -> crate::support::Log {
    let stores = event_log::Stores { records: Arc::clone(backend) as _, tree: Arc::new(MemoryBackend::new()) };
    let clock = crate::support::FixedClock::at(1_800_000_000_000);
    let (log, _) = event_log::Appender::open(stores, crate::support::key(), crate::support::ORIGIN, clock).unwrap();
    crate::support::Log::of(log)
}

#[test]
fn storage_that_is_away_is_asked_again() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let mut follower = beside(&backend).follow(Position(2));
    backend.tear_next(0);
    bench.fail(unit("room:a", &["lost"]));
    assert!(matches!(now(&mut follower), Err(LogFault::Unavailable(_))));
    backend.power_on();
    bench.append(unit("room:a", &["there"])).unwrap();
    assert_eq!(now(&mut follower), Ok(vec![2]));
}

#[test]
fn a_waiting_follower_is_woken_by_the_append() {
    let (log, _) = open(&Arc::new(MemoryBackend::new()));
    let mut follower = log.reader.follow(Position(2));
    let bench = Bench::new(&log);
    let began = Instant::now();
    let page = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| follower.next_page(10, LONG));
        bench.append(unit("room:a", &["news"])).unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(positions(&page.unwrap()), [2]);
    assert!(began.elapsed() < LONG / 2, "it slept through the append");
}

#[test]
fn pages_hold_every_record_of_the_range_once() {
    let units = (0..25).map(|n| unit(if n % 3 == 0 { "room:a" } else { "room:b" }, &["x"])).collect();
    let reader = log_of(&Arc::new(MemoryBackend::new()), units).reader;
    let all: Vec<u64> = (1..=26).collect();
    let of_a: Vec<u64> = (0..25).filter(|n| n % 3 == 0).map(|n| n + 2).collect();
    let read = |pages: event_log::Pages| {
        let pages = pages.collect::<Result<Vec<_>, _>>().unwrap();
        assert!(pages.iter().all(|page| !page.is_empty()));
        (positions(&pages.concat()), pages.len())
    };
    for size in [1, 2, 5, 13, 25, 26, 27, 1_000] {
        let pages = |from: u64| reader.pages(Position(from)).sized(size);
        assert_eq!(read(pages(0)), (all.clone(), 26_usize.div_ceil(size)), "{size}");
        assert_eq!(read(pages(7)).0, all[6..], "{size}");
        assert_eq!(read(pages(7).until(Position(20))).0, all[6..20], "{size}");
        assert_eq!(read(pages(1).of_stream("room:a")).0, of_a, "{size}");
        assert_eq!(read(pages(27)), (vec![], 0), "{size}");
        assert_eq!(read(pages(8).until(Position(7))), (vec![], 0), "{size}");
    }
    assert_eq!(reader.pages(Position(1)).sized(0).count(), 26, "a page of nothing would go on for ever");
}

#[test]
fn pages_end_with_the_first_damage() {
    let backend = Arc::new(MemoryBackend::new());
    let units = (0..9).map(|_| event_log::Unit::of(vec![draft("room:a", "x")])).collect();
    let reader = log_of(&backend, units).reader;
    backend.flip(Position(6), 100);
    let pages: Vec<_> = reader.pages(Position(1)).sized(2).collect();
    assert_eq!(pages.len(), 3);
    assert!(matches!(pages[2], Err(LogFault::Damaged { position: Position(6), .. })));
}
