//! Records of version 1 and 2 in one log: what may follow what, and that nothing of another version is guessed at.

use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey};
use event_log::{
    Appender, Class, Draft, ExportOptions, MemoryBackend, Payload, Position, RecordStore as _, Unit, import, verify_export,
    verify_log, verify_stores,
};
use proptest::prelude::*;

use crate::support::{
    Bench, FixedClock, Log, ORIGIN, append_signed, draft, erase, exported, key, log_of, open, unit, version_1_log,
};

fn versions(log: &Log) -> Vec<u16> {
    log.reader.read(Position(1), 1_000).unwrap().iter().map(|record| record.header.version).collect()
}

/// Where the stored log is damaged, and how; nothing if it is whole.
fn damage(backend: &Arc<MemoryBackend>) -> Option<String> {
    let head = backend.head().unwrap().unwrap();
    verify_stores(&Arc::clone(backend).into(), head, &mut |_| ()).err().map(|error| error.to_string())
}

fn lines(bytes: &[u8]) -> Vec<String> {
    std::str::from_utf8(bytes).unwrap().lines().map(|line| format!("{line}\n")).collect()
}

fn damage_in(lines: &[String]) -> String {
    verify_export(lines.concat().as_bytes(), &mut |_| ()).unwrap_err().to_string()
}

/// Two records of version 1 behind their genesis, then two of version 2.
fn mixed() -> Log {
    let (log, _) = open(&version_1_log(&["old", "older"]));
    let bench = Bench::new(&log);
    bench.append(unit("room:a", &["new"])).unwrap();
    bench.append(unit("room:a", &["newer"])).unwrap();
    bench.close();
    log
}

#[test]
fn an_old_log_opens_and_goes_on_in_version_2() {
    let log = mixed();
    assert_eq!(versions(&log), [1, 1, 1, 2, 2]);
    let payloads: Vec<_> =
        log.reader.read(Position(2), 4).unwrap().iter().map(|record| record.bytes().unwrap().to_vec()).collect();
    assert_eq!(payloads, [&b"old"[..], b"older", b"new", b"newer"]);
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn a_new_log_has_a_salt_on_every_record_of_its_own_too() {
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![unit("room:a", &["x"]), erase(&[2])]);
    log.take().begin_epoch("restore").unwrap();
    for record in log.reader.read(Position(1), 10).unwrap() {
        assert_eq!(record.header.version, 2);
        let Payload::Present(content) = &record.payload else { continue };
        assert!(content.salt().is_some(), "{}", record.header.kind);
    }
}

#[test]
fn every_part_of_a_mixed_log_verifies() {
    let log = mixed();
    for (from, to) in (1..=5).flat_map(|from| (from..=5).map(move |to| (from, to))) {
        let options = ExportOptions { from: Some(Position(from)), to: Some(Position(to)), ..ExportOptions::default() };
        let report = verify_export(exported(&log, &options).as_slice(), &mut |_| ()).unwrap();
        assert_eq!(report.manifest.unwrap().version, 2, "the log's own version, also where the part has only old records");
    }
    let options = ExportOptions { stream: Some("room:a".to_owned()), ..ExportOptions::default() };
    assert_eq!(verify_export(exported(&log, &options).as_slice(), &mut |_| ()).unwrap().records, 5);
}

#[test]
fn the_export_of_an_old_log_is_of_version_1() {
    let (log, _) = open(&version_1_log(&["old"]));
    let report = verify_export(exported(&log, &ExportOptions::default()).as_slice(), &mut |_| ()).unwrap();
    assert_eq!((report.records, report.manifest.unwrap().version), (2, 1));
}

#[test]
fn the_version_never_falls() {
    let backend = version_1_log(&["old"]);
    append_signed(&backend, 2, vec![draft("room:a", "new")]);
    assert_eq!(damage(&backend), None);
    append_signed(&backend, 1, vec![draft("room:a", "old again")]);
    assert_eq!(damage(&backend).unwrap(), "damage at position 4: the format version falls from 2 to 1");
    let opened = Appender::open(backend, key(), ORIGIN, FixedClock::at(1)).unwrap_err().to_string();
    assert!(opened.contains("position 4: the format version falls from 2 to 1"), "{opened}");
}

#[test]
fn a_version_that_is_not_known_is_refused_in_a_sentence() {
    for version in [0, 3, u16::MAX] {
        let backend = version_1_log(&["old"]);
        append_signed(&backend, version, vec![draft("room:a", "from elsewhere")]);
        let said = format!("position 3: format version {version} is not known; known are 1 to 2");
        assert_eq!(damage(&backend).unwrap(), format!("damage at {said}"));
        let opened = Appender::open(backend, key(), ORIGIN, FixedClock::at(1)).unwrap_err().to_string();
        assert!(opened.contains(&said), "{opened}");
    }
}

/// The export's manifest with another version, properly signed: its other lines are no lie of the manifest's.
fn with_version(lines: &[String], version: u16) -> Vec<String> {
    let manifest = lines[0].strip_prefix("{\"manifest\":").unwrap().split_once(",\"signature\":").unwrap().0;
    let (before, _) = manifest.rsplit_once(':').unwrap();
    let manifest = format!("{before}:{version}}}");
    let signature = SigningKey::from_bytes(&[1; 32]).sign(manifest.as_bytes()).to_bytes();
    let signature = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signature);
    let mut lines = lines.to_vec();
    lines[0] = format!("{{\"manifest\":{manifest},\"signature\":\"{signature}\"}}\n");
    lines
}

#[test]
fn an_export_has_no_record_above_its_own_version() {
    let whole = lines(&exported(&mixed(), &ExportOptions::default()));
    let same = with_version(&whole, 2);
    assert_eq!(same, whole, "the manifest is signed as it was");
    let said = damage_in(&with_version(&whole, 1));
    assert_eq!(said, "damage at position 4, line 5: format version 2 in an export of version 1");
    for version in [0, 3] {
        let said = damage_in(&with_version(&whole, version));
        assert_eq!(said, format!("damage in line 1: format version {version} is not known; known are 1 to 2"));
    }
}

#[test]
fn a_salt_stands_where_the_version_demands_it_and_nowhere_else() {
    const SALT: &str = ",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\"";
    let log = mixed();
    let bench = Bench::new(&log);
    bench.append(erase(&[3, 5])).unwrap();
    bench.close();
    let whole = lines(&exported(&log, &ExportOptions::default()));
    let changed = |position: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = whole.clone();
        lines[position] = change(&lines[position]);
        assert_ne!(lines[position], whole[position], "the change must change something");
        damage_in(&lines)
    };
    let add = |line: &str| line.replace(",\"signature\"", &format!("{SALT},\"signature\""));
    let cut = |line: &str| {
        let (before, rest) = line.split_once(",\"salt\"").unwrap();
        format!("{before}{}", &rest[rest.find(",\"signature\"").unwrap()..])
    };
    let unknown = "the payload has a salt, which its record's version does not know";
    assert_eq!(changed(2, &add), format!("damage at position 2, line 3: {unknown}"));
    let missing = "the payload has no salt, which its record's version demands";
    assert_eq!(changed(4, &cut), format!("damage at position 4, line 5: {missing}"));
    for position in [3, 5] {
        let said = changed(position, &add);
        assert!(said.contains(&format!("position {position}, ")) && said.contains("the payload is missing"), "{said}");
    }
    let short = changed(4, &|line| line.replace("==\",\"signature\"", "=\",\"signature\""));
    assert!(short.contains("position 4, ") && short.contains("salt is not padded base64"), "{short}");
}

#[test]
fn an_old_secret_stays_withheld_and_a_new_one_keeps_its_salt_back() {
    let backend = version_1_log(&[]);
    let secret = |payload| Draft { class: Class::Secret, ..draft("user:a", payload) };
    append_signed(&backend, 1, vec![secret("old hash")]);
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let new = bench.append(Unit::of(vec![secret("new hash")])).unwrap();
    bench.close();
    let Payload::Present(content) = &new[0].payload else { panic!("it was just written") };
    let salt = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, content.salt().unwrap());
    let withheld = lines(&exported(&log, &ExportOptions::default())).concat();
    assert!(!withheld.contains("hash\",") && !withheld.contains(&salt));
    let shown = lines(&exported(&log, &ExportOptions { secrets: true, ..ExportOptions::default() })).concat();
    assert!(shown.contains("old hash") && shown.contains("new hash") && shown.contains(&salt));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_mixture_verifies_exports_and_imports(
        old in prop::collection::vec("\\PC{0,20}", 0..20),
        new in prop::collection::vec("\\PC{0,20}", 0..20),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let backend = version_1_log(&old.iter().map(String::as_str).collect::<Vec<_>>());
        let (log, _) = open(&backend);
        let bench = Bench::new(&log);
        for payload in &new {
            bench.append(unit("room:a", &[payload])).unwrap();
        }
        let records = old.len() + new.len();
        if records > 0 && !gone.is_empty() {
            let positions: Vec<u64> = gone.iter().map(|index| index.index(records) as u64 + 2).collect();
            bench.append(erase(&positions)).unwrap();
        }
        bench.close();
        let report = verify_log(&log.tree, &mut |_| ()).unwrap();
        prop_assert!(versions(&log).is_sorted());
        let lines = exported(&log, &ExportOptions::default());
        prop_assert_eq!(&verify_export(lines.as_slice(), &mut |_| ()).unwrap().tip, &report.tip);
        let target = Arc::new(MemoryBackend::new());
        let (copy, _) = import(lines.as_slice(), target, key(), FixedClock::at(1_800_000_000_000), &mut |_| ()).unwrap();
        let copy = Log::of(copy);
        let before = log.reader.read(Position(1), 1_000).unwrap();
        prop_assert_eq!(&copy.reader.read(Position(1), 1_000).unwrap()[..before.len()], before.as_slice());
        verify_log(&copy.tree, &mut |_| ()).unwrap();
    }
}
