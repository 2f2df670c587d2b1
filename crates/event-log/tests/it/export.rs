//! Exports, whole and in part: what is in them, and that they verify.

use std::sync::Arc;

use event_log::{
    Class, ExportError, ExportOptions, MemoryBackend, Position, Report, Unit, VerifyError, verify_export, verify_log,
    verify_stores,
};

use crate::support::{Log, draft, erase, exported, log_of, unit};

fn verified(lines: &[u8]) -> Report {
    verify_export(lines, &mut |_| ()).unwrap()
}

fn secret() -> Unit {
    let mut draft = draft("user:@alice:alice.example", "hash of a password");
    draft.class = Class::Secret;
    Unit::of(vec![draft])
}

/// Its storage, and the log on it.
fn stored_sample() -> (Arc<MemoryBackend>, Log) {
    let mut binary = draft("room:b", "");
    binary.payload = vec![0xff, 0, 0xfe];
    let units = vec![
        unit("room:a", &["{\"body\":\"a \\\" quote\"}", "line\nbreak \u{1} \u{7f} ä 🎈"]),
        Unit::of(vec![binary]),
        secret(),
        unit("room:b", &["to be erased"]),
        unit("room:a", &["last"]),
        erase(&[6]),
    ];
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, units);
    (backend, log)
}

fn sample() -> Log {
    stored_sample().1
}

#[test]
fn a_whole_export_verifies_and_says_what_it_holds() {
    let log = sample();
    let lines = exported(&log, &ExportOptions::default());
    let report = verified(&lines);
    assert_eq!((report.records, report.erased, report.withheld, report.checkpoints, report.epoch), (8, 1, 1, 1, 1));
    assert_eq!(report.tip, log.reader.tip());
    assert_eq!(report.keys.len(), 1);
    let text = String::from_utf8(lines).unwrap();
    assert!(!text.contains("hash of a password") && !text.contains("to be erased"));
    assert_eq!(text.lines().count(), 1 + 8 + 1 + 1);
}

#[test]
fn secrets_are_in_when_asked_for() {
    let options = ExportOptions { secrets: true, ..ExportOptions::default() };
    let lines = exported(&sample(), &options);
    assert!(String::from_utf8_lossy(&lines).contains("hash of a password"));
    assert_eq!(verified(&lines).withheld, 0);
}

#[test]
fn the_log_itself_verifies_like_its_export() {
    let (backend, log) = stored_sample();
    let report = verify_log(&log.tree, &mut |_| ()).unwrap();
    let unnamed = verify_stores(&backend.into(), log.reader.head(), &mut |_| ()).unwrap();
    assert_eq!(report, unnamed);
    let exported = verified(&exported(&log, &ExportOptions { secrets: true, ..ExportOptions::default() }));
    assert_eq!(Report { manifest: None, ..exported }, report);
}

#[test]
fn every_range_verifies() {
    let log = sample();
    for from in 1..=8 {
        for to in from..=8 {
            let options = ExportOptions { from: Some(Position(from)), to: Some(Position(to)), ..ExportOptions::default() };
            let report = verified(&exported(&log, &options));
            // The log's own records, genesis and the erasure, are always in.
            let own = u64::from(from > 1) + u64::from(to < 8);
            assert_eq!(report.records, to + 1 - from + own, "{from} to {to}");
        }
    }
}

#[test]
fn a_range_may_end_within_a_unit_and_a_whole_log_may_not() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["first", "second", "third"])]);
    for to in 1..=4 {
        let options = ExportOptions { to: Some(Position(to)), ..ExportOptions::default() };
        assert_eq!(verified(&exported(&log, &options)).records, to);
    }
    let cut = verify_stores(&backend.into(), Position(3), &mut |_| ()).unwrap_err().to_string();
    assert_eq!(cut, "damage at position 4: the last unit is not whole");
}

#[test]
fn one_stream_verifies_alone() {
    let log = sample();
    for (stream, records) in [("room:a", 3), ("room:b", 2), ("nothing", 0), ("log", 0)] {
        let options = ExportOptions { stream: Some(stream.to_owned()), ..ExportOptions::default() };
        let lines = exported(&log, &options);
        assert_eq!(verified(&lines).records, records + 2, "{stream}");
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count() as u64, records + 2 + 2);
    }
}

#[test]
fn an_empty_range_is_an_error() {
    let options = ExportOptions { from: Some(Position(9)), ..ExportOptions::default() };
    let error = event_log::export(&sample().tree, &options, &mut std::io::sink(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, ExportError::NothingInRange));
}

#[test]
fn progress_reaches_the_total() {
    let log = sample();
    let mut seen = Vec::new();
    event_log::export(&log.tree, &ExportOptions::default(), &mut std::io::sink(), &mut |progress| seen.push(progress))
        .unwrap();
    let last = seen.last().unwrap();
    assert_eq!((last.records, last.total), (8, Some(8)));
}

#[test]
fn a_payload_that_is_gone_without_an_erasure_is_damage() {
    let log = sample();
    let lines = String::from_utf8(exported(&log, &ExportOptions::default())).unwrap();
    // Position 3 is in a plain record that nothing has erased.
    let number = lines.lines().position(|line| line.contains("\"position\":3,\"previous\"")).unwrap();
    let start = lines.lines().nth(number).unwrap();
    let payload = start.find(",\"payload\":").unwrap();
    let end = start.find(",\"signature\":").unwrap();
    for missing in ["erased", "withheld"] {
        let line = format!("{},\"missing\":\"{missing}\"{}", &start[..payload], &start[end..]);
        let changed = lines.replace(start, &line);
        match verify_export(changed.as_bytes(), &mut |_| ()) {
            Err(VerifyError::Damage(damage)) if missing == "withheld" => assert_eq!(damage.position, Some(Position(3))),
            // The digest of the whole is what gives it away first.
            Err(VerifyError::Damage(_)) => {}
            other => panic!("not seen: {other:?}"),
        }
    }
}

#[test]
fn lost_payloads_in_the_log_itself_are_damage() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["x"]), unit("room:a", &["y"])]);
    let batch = event_log::Batch { records: Vec::new(), erase: vec![Position(2)] };
    event_log::RecordStore::append(backend.as_ref(), &batch, Some(Position(3))).unwrap();
    match verify_log(&log.tree, &mut |_| ()) {
        Err(VerifyError::Damage(damage)) => assert_eq!(damage.position, Some(Position(2))),
        other => panic!("not seen: {other:?}"),
    }
}
