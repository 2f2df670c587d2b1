//! The format is frozen: the exports in `tests/golden` verify, and the same steps still make the same bytes. A file is
//! never edited; a new format gets a new file beside it.
//!
//! `log-v1.jsonl` is what version 1 wrote, `log-v2.jsonl` what is written now, and `log-v1-v2.jsonl` the first log, gone on
//! with by version 2. Nothing makes records of version 1 any more: they are taken from the file.

use std::path::PathBuf;
use std::sync::Arc;

use event_log::{
    Appender, Batch, Class, Erasure, ExportOptions, LogKey, MemoryBackend, Position, Record, RecordStore as _, Unit,
    VerifyError, import, verify_export, verify_export_with, verify_log,
};

use crate::support::{Bench, CountedSalts, FixedClock, Log, draft, exported, unit};

const ORIGIN: &str = "hearth.example/log";
const FILES: [&str; 3] = ["log-v1.jsonl", "log-v2.jsonl", "log-v1-v2.jsonl"];

fn golden(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    std::fs::read(path).unwrap()
}

fn open(backend: &Arc<MemoryBackend>, seed: u8, clock: &Arc<FixedClock>) -> Log {
    let (key, clock, salts) = (LogKey::from_seed(&[seed; 32]), Arc::clone(clock), Arc::new(CountedSalts::default()));
    Log::of(Appender::open_with_salts(Arc::clone(backend), key, ORIGIN, clock, salts).unwrap().0)
}

/// One of everything that the format knows.
fn made() -> Vec<u8> {
    let clock = FixedClock::at(1_700_000_000_000);
    let log = open(&Arc::new(MemoryBackend::new()), 0x11, &clock);
    let mut binary = draft("room:!b:hearth.example", "");
    binary.payload = vec![0xff, 0x00, 0xfe, 0x80];
    let mut secret = draft("user:@alice:hearth.example", "{\"hash\":\"kept back\"}");
    secret.class = Class::Secret;
    let bench = Bench::new(&log);
    bench.append(unit("room:!a:hearth.example", &["{\"body\":\"one\"}", "quote \" slash \\ / tab \t bell \u{7}"])).unwrap();
    clock.set(1_700_000_001_234);
    bench.append(Unit::of(vec![draft("room:!ä:hearth.example", "ä € 🎈 \u{2028} \u{7f}"), binary])).unwrap();
    bench.append(Unit::of(vec![secret, draft("server", "")])).unwrap();
    let positions = vec![Position(2), Position(4)];
    let erase = Some(Erasure { positions, within: Vec::new(), reason: "asked for by \"alice\"".to_owned() });
    bench.append(Unit { drafts: vec![draft("room:!a:hearth.example", "with an erasure")], erase }).unwrap();
    bench.close();
    clock.set(1_700_000_002_000);
    let log = Log::of(log.take().rotate_key(LogKey::from_seed(&[0x22; 32])).unwrap());
    let bench = Bench::new(&log);
    bench.append(unit("room:!a:hearth.example", &["under the new key"])).unwrap();
    bench.close();
    let appender = log.take();
    appender.begin_epoch("restore").unwrap();
    let log = Log::of(appender);
    clock.set(1_700_000_003_000);
    let bench = Bench::new(&log);
    bench.append(unit("server", &["in the new epoch"])).unwrap();
    bench.close();
    exported(&log, &ExportOptions::default())
}

/// The folder that version 1 left behind when it had made `log-v1.jsonl`: its records, and its checkpoints.
fn old_folder(clock: &Arc<FixedClock>) -> Arc<MemoryBackend> {
    let mut records: Vec<Record> = Vec::new();
    verify_export_with(golden("log-v1.jsonl").as_slice(), &mut |record| records.push(record.clone()), &mut |_| ()).unwrap();
    let backend = Arc::new(MemoryBackend::new());
    for (until, seed, now_ms) in [(9, 0x11, 1_234), (11, 0x22, 2_000), (13, 0x22, 3_000)] {
        let head = backend.head().unwrap();
        let in_time = |record: &&Record| head < Some(record.position()) && record.position() <= Position(until);
        let batch = Batch { records: records.iter().filter(in_time).cloned().collect(), erase: Vec::new() };
        backend.append(&batch, head).unwrap();
        clock.set(1_700_000_000_000 + now_ms);
        open(&backend, seed, clock).tree.checkpoint().unwrap();
    }
    backend
}

/// A version-1 log that version 2 goes on with: it erases an old payload and a new one, and withholds a new secret.
fn gone_on() -> Vec<u8> {
    let clock = FixedClock::at(0);
    let log = open(&old_folder(&clock), 0x22, &clock);
    clock.set(1_700_000_004_000);
    let bench = Bench::new(&log);
    let mut secret = draft("user:@alice:hearth.example", "{\"hash\":\"of another password\"}");
    secret.class = Class::Secret;
    bench.append(Unit::of(vec![draft("room:!a:hearth.example", "yes"), secret])).unwrap();
    let erase = Erasure { positions: vec![Position(3), Position(14)], within: Vec::new(), reason: "asked to".to_owned() };
    bench.append(Unit { drafts: vec![draft("room:!a:hearth.example", "no")], erase: Some(erase) }).unwrap();
    bench.close();
    exported(&log, &ExportOptions::default())
}

#[test]
fn the_golden_exports_verify() {
    for (name, counts, end) in [
        ("log-v1.jsonl", (13, 2, 1, 3), (1, 1)),
        ("log-v2.jsonl", (13, 2, 1, 3), (2, 2)),
        ("log-v1-v2.jsonl", (17, 4, 2, 4), (2, 2)),
    ] {
        let report = verify_export(golden(name).as_slice(), &mut |_| ()).unwrap();
        assert_eq!((report.records, report.erased, report.withheld, report.checkpoints), counts, "{name}");
        assert_eq!((report.epoch, report.keys.len(), report.origin.as_str()), (2, 2, ORIGIN), "{name}");
        assert_eq!((report.tip.version, report.manifest.unwrap().version), end, "{name}");
    }
}

#[test]
fn the_same_steps_make_the_same_bytes() {
    const CHANGED: &str = "the format has changed: it needs a new version and a new golden file beside the old ones";
    assert!(made() == golden("log-v2.jsonl"), "{CHANGED}");
    assert!(gone_on() == golden("log-v1-v2.jsonl"), "{CHANGED}");
}

#[test]
fn an_old_folder_is_exported_as_version_1_exported_it() {
    let clock = FixedClock::at(0);
    let log = open(&old_folder(&clock), 0x22, &clock);
    verify_log(&log.tree, &mut |_| ()).unwrap();
    assert!(exported(&log, &ExportOptions::default()) == golden("log-v1.jsonl"), "an old log's export has changed");
}

#[test]
fn imported_records_keep_their_bytes() {
    for name in FILES {
        let golden = golden(name);
        let backend = Arc::new(MemoryBackend::new());
        let (key, clock) = (LogKey::from_seed(&[0x22; 32]), FixedClock::at(1_800_000_000_000));
        let (log, report) = import(golden.as_slice(), Arc::clone(&backend), key, clock, &mut |_| ()).unwrap();
        let log = Log::of(log);
        verify_log(&log.tree, &mut |_| ()).unwrap();
        assert_eq!(log.reader.get(log.reader.head()).unwrap().unwrap().header.version, 2, "{name}: the new epoch");
        let lines = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (before, after) = (lines(&golden), lines(&exported(&log, &ExportOptions::default())));
        // All but the manifest and the end; the new log has an epoch and a checkpoint more.
        let same = 1..before.len() - 1;
        assert!(before[same.clone()] == after[same], "{name}");
        assert_eq!((report.records + 1, after.len()), (log.reader.tip().count, before.len() + 2), "{name}");
    }
}

#[test]
fn each_flipped_byte_of_a_golden_export_is_found() {
    for name in FILES {
        let golden = golden(name);
        for at in (0..golden.len()).step_by(7) {
            let mut changed = golden.clone();
            changed[at] ^= 1 << (at % 8);
            let result = verify_export(changed.as_slice(), &mut |_| ());
            assert!(matches!(result, Err(VerifyError::Damage(_))), "{name}, byte {at}");
        }
    }
}
