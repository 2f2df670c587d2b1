//! Keys: files of mode 0600, and rotation that the old key signs.

use std::io::ErrorKind;
use std::sync::Arc;

use event_log::{Appender, ExportOptions, LogKey, MemoryBackend, OpenError, Position, verify_export, verify_log};

use crate::support::{Bench, FixedClock, Log, ORIGIN, exported, key, log_of, unit};

#[test]
fn a_key_file_is_made_once_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.key");
    let made = LogKey::read_or_create(&path).unwrap();
    assert_eq!(LogKey::read_or_create(&path).unwrap().public(), made.public());
    assert_eq!(made.write_new(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&path, "not a key").unwrap();
    assert_eq!(LogKey::read_or_create(&path).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn a_key_is_not_in_its_debug_text() {
    let text = format!("{:?}", LogKey::from_seed(&[0xab; 32]));
    assert!(text.starts_with("LogKey(") && !text.contains("171") && !text.contains("q6ur"), "{text}");
}

#[test]
fn rotation_is_signed_by_the_old_key_and_the_rest_by_the_new() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["before"])]);
    let new = LogKey::from_seed(&[2; 32]);
    let log = Log::of(log.take().rotate_key(new.clone()).unwrap());
    let opened = |key| Appender::open(Arc::clone(&backend), key, ORIGIN, FixedClock::at(1));
    assert!(matches!(opened(key()), Err(OpenError::OtherKey { .. })));
    assert_eq!(opened(new.clone()).unwrap().0.reader().tip(), log.reader.tip());
    let bench = Bench::new(&log);
    bench.append(unit("room:a", &["after"])).unwrap();
    bench.close();
    let keys = verify_log(&log.tree, &mut |_| ()).unwrap().keys;
    assert_eq!(keys.iter().map(|span| (span.from.0, span.vouched)).collect::<Vec<_>>(), [(1, false), (3, true)]);
    assert_eq!(keys[1].key, new.public());
    verify_export(exported(&log, &ExportOptions::default()).as_slice(), &mut |_| ()).unwrap();
    // A part that begins after the rotation still knows which key signs.
    let late = ExportOptions { from: Some(Position(4)), ..ExportOptions::default() };
    assert_eq!(verify_export(exported(&log, &late).as_slice(), &mut |_| ()).unwrap().records, 3);
}
