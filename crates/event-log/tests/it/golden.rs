//! The format is frozen: `tests/golden/log-v1.jsonl` verifies, and the same steps still make the same bytes. The file
//! is never edited; a new format gets a new file beside it.

use std::path::PathBuf;
use std::sync::Arc;

use event_log::{Class, Erasure, ExportOptions, Log, LogKey, MemoryBackend, Position, Unit, VerifyError, verify_export};

use crate::support::{Bench, FixedClock, draft, exported, unit};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/log-v1.jsonl")
}

/// One of everything that the format knows.
fn made() -> Vec<u8> {
    let clock = FixedClock::at(1_700_000_000_000);
    let backend = Arc::new(MemoryBackend::new());
    let key = LogKey::from_seed(&[0x11; 32]);
    let (log, _) = Log::open(backend, key, "hearth.example/log", Arc::clone(&clock) as _).unwrap();
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
    bench.writer.close();
    clock.set(1_700_000_002_000);
    let log = log.rotate_key(LogKey::from_seed(&[0x22; 32])).unwrap();
    let bench = Bench::new(&log);
    bench.append(unit("room:!a:hearth.example", &["under the new key"])).unwrap();
    bench.writer.close();
    log.begin_epoch("restore").unwrap();
    clock.set(1_700_000_003_000);
    let bench = Bench::new(&log);
    bench.append(unit("server", &["in the new epoch"])).unwrap();
    bench.writer.close();
    exported(&log, &ExportOptions::default())
}

#[test]
fn the_golden_export_verifies() {
    let lines = std::fs::read(path()).unwrap();
    let report = verify_export(lines.as_slice(), &mut |_| ()).unwrap();
    assert_eq!((report.records, report.erased, report.withheld, report.checkpoints), (13, 2, 1, 3));
    assert_eq!((report.epoch, report.keys.len(), report.origin.as_str()), (2, 2, "hearth.example/log"));
}

#[test]
fn the_same_steps_make_the_same_bytes() {
    let golden = std::fs::read(path()).unwrap();
    assert!(made() == golden, "the format has changed: it needs a new version and a new golden file beside the old one");
}

#[test]
fn each_flipped_byte_of_the_golden_export_is_found() {
    let golden = std::fs::read(path()).unwrap();
    for at in (0..golden.len()).step_by(7) {
        let mut changed = golden.clone();
        changed[at] ^= 1 << (at % 8);
        let result = verify_export(changed.as_slice(), &mut |_| ());
        assert!(matches!(result, Err(VerifyError::Damage(_))), "byte {at}");
    }
}
