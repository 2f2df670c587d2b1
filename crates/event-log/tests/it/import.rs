//! Importing an export into a new log: the same records, a new epoch, and nothing from a damaged file trusted.

use std::sync::Arc;

use event_log::{
    Appender, ExportOptions, ImportError, LogKey, MemoryBackend, Payload, Position, RecordStore, Report, TreeStore, import,
    verify_export, verify_log,
};

use crate::support::{Bench, FixedClock, Log, ORIGIN, draft, erase, exported, key, log_of, unit};

fn source() -> Log {
    let mut secret = draft("user:a", "hash");
    secret.class = event_log::Class::Secret;
    let units = vec![unit("room:a", &["a", "b"]), event_log::Unit::of(vec![secret]), erase(&[2])];
    log_of(&Arc::new(MemoryBackend::new()), units)
}

fn imported(lines: &[u8], key: LogKey) -> Result<(Arc<MemoryBackend>, Log, Report), ImportError> {
    let backend = Arc::new(MemoryBackend::new());
    let clock = FixedClock::at(1_800_000_000_000);
    let (log, report) = import(lines, Arc::clone(&backend), key, clock, &mut |_| ())?;
    Ok((backend, Log::of(log), report))
}

#[test]
fn an_imported_log_holds_the_same_records_and_a_new_epoch() {
    let source = source();
    let (backend, log, report) = imported(&exported(&source, &ExportOptions::default()), key()).unwrap();
    assert_eq!(report.records, 5);
    let (mut before, after) = (source.reader.read(Position(1), 10).unwrap(), log.reader.read(Position(1), 10).unwrap());
    before[3].payload = Payload::Withheld;
    assert_eq!(after[..5], before);
    assert_eq!((after.len(), log.reader.epoch().unwrap()), (6, 2));
    let report = verify_log(&log.tree, &mut |_| ()).unwrap();
    assert_eq!((report.epoch, report.keys.len(), report.checkpoints), (2, 1, 2));
    // It opens, goes on, and exports like any other.
    let log = Log::of(Appender::open(backend, key(), ORIGIN, FixedClock::at(1)).unwrap().0);
    Bench::new(&log).append(unit("room:a", &["after"])).unwrap();
    verify_export(exported(&log, &ExportOptions::default()).as_slice(), &mut |_| ()).unwrap();
}

#[test]
fn a_new_key_goes_on_but_is_not_vouched_for() {
    let (_, log, _) = imported(&exported(&source(), &ExportOptions::default()), LogKey::from_seed(&[5; 32])).unwrap();
    let keys = verify_log(&log.tree, &mut |_| ()).unwrap().keys;
    assert_eq!(keys.len(), 2);
    assert_eq!((keys[1].from, keys[1].vouched), (Position(6), false));
}

#[test]
fn a_damaged_or_partial_export_is_refused() {
    let log = source();
    let whole = exported(&log, &ExportOptions::default());
    for at in [10, whole.len() / 2, whole.len() - 10] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(matches!(imported(&changed, key()), Err(ImportError::Verify(_))), "byte {at}");
    }
    let part = exported(&log, &ExportOptions { to: Some(Position(3)), ..ExportOptions::default() });
    assert!(matches!(imported(&part, key()), Err(ImportError::Verify(_))));
}

#[test]
fn a_log_that_is_there_is_not_written_over() {
    let lines = exported(&source(), &ExportOptions::default());
    let backend = Arc::new(MemoryBackend::new());
    let before = log_of(&backend, vec![]).reader.head();
    let result = import(lines.as_slice(), Arc::clone(&backend), key(), FixedClock::at(1), &mut |_| ());
    assert!(matches!(result, Err(ImportError::NotEmpty)));
    assert_eq!(backend.head().unwrap(), Some(before));
}

#[test]
fn many_records_and_checkpoints_survive_the_way() {
    let units = (0..12).map(|_| event_log::Unit::of(vec![draft("room:a", "x"); 1_000])).collect();
    let source = log_of(&Arc::new(MemoryBackend::new()), units);
    let (backend, log, _) = imported(&exported(&source, &ExportOptions::default()), key()).unwrap();
    let before = source.tree.checkpoints(0, 10).unwrap();
    assert!(before.len() > 1);
    assert_eq!(backend.checkpoints(0, before.len()).unwrap(), before);
    verify_log(&log.tree, &mut |_| ()).unwrap();
    log.tree.prove_consistency(log.reader.tip().count, before[0].size).unwrap();
}
