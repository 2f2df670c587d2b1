//! Tamper evidence: one flipped, dropped, swapped, inserted or cut line is found by verify, with its position.

use std::collections::HashMap;
use std::sync::Arc;

use event_log::{Damage, ExportOptions, MemoryBackend, Position, SALT_BYTES, VerifyError, verify_export, verify_log};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::support::{draft, erase, exported, log_of, unit};

const MUTATIONS: u64 = 200;

fn lines() -> Vec<Vec<u8>> {
    let mut units: Vec<_> = (0..30).map(|n| unit("room:a", &[&format!("payload {n}"), "second"])).collect();
    units.push(erase(&[3, 8, 9]));
    units.push(unit("room:b", &["end"]));
    let log = log_of(&Arc::new(MemoryBackend::new()), units);
    let bytes = exported(&log, &ExportOptions::default());
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn damage(lines: &[Vec<u8>]) -> Option<Damage> {
    match verify_export(lines.concat().as_slice(), &mut |_| ()) {
        Ok(_) => None,
        Err(VerifyError::Damage(damage)) => Some(damage),
        Err(other) => panic!("{other}"),
    }
}

/// Changes the lines, and says in which line (from 0) the first damage now stands.
fn mutate(lines: &mut Vec<Vec<u8>>, random: &mut ChaCha8Rng) -> (String, usize) {
    let count = lines.len();
    match random.random_range(0..6) {
        0 => {
            let line = random.random_range(0..count);
            let byte = random.random_range(0..lines[line].len());
            let bit = random.random_range(0..8);
            lines[line][byte] ^= 1 << bit;
            (format!("flip bit {bit} of byte {byte} in line {line}"), line)
        }
        1 => {
            let line = random.random_range(0..count);
            lines.remove(line);
            (format!("drop line {line}"), line)
        }
        2 => {
            let line = random.random_range(0..count - 1);
            lines.swap(line, line + 1);
            (format!("swap lines {line} and the next"), line)
        }
        3 => {
            let (from, to) = (random.random_range(0..count), random.random_range(0..=count));
            let copy = lines[from].clone();
            lines.insert(to, copy);
            // A copy right before or behind its original is seen at the second of the two.
            (format!("insert a copy of line {from} before line {to}"), if to == from { to + 1 } else { to })
        }
        4 => {
            let line = random.random_range(0..count);
            lines.truncate(line);
            (format!("cut before line {line}"), line)
        }
        _ => {
            let line = random.random_range(0..count);
            let byte = random.random_range(1..lines[line].len());
            lines.truncate(line + 1);
            lines[line].truncate(byte);
            (format!("cut in line {line} after byte {byte}"), line)
        }
    }
}

#[test]
fn each_of_200_mutations_of_an_export_is_found_in_its_line() {
    let whole = lines();
    assert_eq!(damage(&whole), None);
    for seed in 0..MUTATIONS {
        let mut changed = whole.clone();
        let (what, line) = mutate(&mut changed, &mut ChaCha8Rng::seed_from_u64(seed));
        let damage = damage(&changed).unwrap_or_else(|| panic!("seed {seed}: {what}: not found"));
        // A line that ends in another byte than its newline runs on into the next one.
        assert_eq!(damage.line, Some(line as u64 + 1), "seed {seed}: {what}: {damage}");
        // Line 1 is the manifest; from line 2 on each line but the last two is the record of its number less one.
        if (1..whole.len() - 2).contains(&line) {
            assert_eq!(damage.position, Some(Position(line as u64)), "seed {seed}: {what}: {damage}");
        }
    }
}

#[test]
fn a_record_signed_by_another_key_is_found() {
    let whole = lines();
    let other = {
        let backend = Arc::new(MemoryBackend::new());
        let key = event_log::LogKey::from_seed(&[9; 32]);
        let clock = crate::support::FixedClock::at(1_700_000_000_000);
        let (log, _) = event_log::Appender::open(backend, key, crate::support::ORIGIN, clock).unwrap();
        let log = crate::support::Log::of(log);
        let bench = crate::support::Bench::new(&log);
        bench.append(unit("room:a", &["payload 0", "second"])).unwrap();
        bench.close();
        exported(&log, &ExportOptions::default())
    };
    let forged: Vec<_> = other.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for line in [0, 1, 2] {
        let mut changed = whole.clone();
        changed[line] = forged[line].clone();
        assert!(damage(&changed).is_some(), "line {line}");
    }
}

#[test]
fn a_part_finds_what_is_dropped_from_it() {
    let units = (0..10).map(|n| unit(if n % 2 == 0 { "room:a" } else { "room:b" }, &["x"])).collect();
    let log = log_of(&Arc::new(MemoryBackend::new()), units);
    let parts = [
        ExportOptions { stream: Some("room:a".to_owned()), ..ExportOptions::default() },
        ExportOptions { from: Some(Position(4)), to: Some(Position(8)), ..ExportOptions::default() },
    ];
    for options in parts {
        let bytes = exported(&log, &options);
        let whole: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        assert_eq!(damage(&whole), None);
        for line in 0..whole.len() {
            let mut changed = whole.clone();
            changed.remove(line);
            assert!(damage(&changed).is_some(), "line {line} of {options:?}");
        }
    }
}

/// Where the salt's text begins in a record's line.
fn salt_in(line: &[u8]) -> usize {
    const NAME: &[u8] = b",\"salt\":\"";
    line.windows(NAME.len()).position(|window| window == NAME).unwrap() + NAME.len()
}

#[test]
fn each_flipped_bit_of_an_exported_salt_is_found_in_its_record() {
    let whole = lines();
    for position in [1, 2, 40, 63] {
        let start = salt_in(&whole[position]);
        for (byte, bit) in (start..start + 24).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut changed = whole.clone();
            changed[position][byte] ^= 1 << bit;
            let damage =
                damage(&changed).unwrap_or_else(|| panic!("position {position}, byte {byte}, bit {bit}: not found"));
            let place = (damage.position, damage.line);
            assert_eq!(
                place,
                (Some(Position(position as u64)), Some(position as u64 + 1)),
                "byte {byte}, bit {bit}: {damage}"
            );
        }
    }
}

#[test]
fn another_salt_in_its_proper_form_is_found_as_what_it_is() {
    let whole = lines();
    let mut changed = whole.clone();
    let (from, to) = (salt_in(&whole[2]), salt_in(&whole[10]));
    let other = whole[2][from..from + 24].to_vec();
    changed[10][to..to + 24].copy_from_slice(&other);
    let damage = damage(&changed).unwrap();
    assert_eq!(damage.to_string(), "damage at position 10, line 11: the payload or its salt does not match the digest");
}

#[test]
fn each_flipped_byte_of_a_stored_salt_is_found_by_position() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["first", ""]), unit("room:a", &["last"])]);
    for record in log.reader.read(Position(1), 10).unwrap() {
        let position = record.position();
        let salt = backend.frame_len(position) - record.bytes().unwrap().len() - SALT_BYTES;
        for byte in salt..salt + SALT_BYTES {
            backend.flip(position, byte);
            match verify_log(&log.tree, &mut |_| ()) {
                Err(VerifyError::Damage(damage)) => assert_eq!(damage.position, Some(position), "byte {byte}"),
                other => panic!("position {position}, byte {byte}: {other:?}"),
            }
            backend.flip(position, byte);
        }
    }
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn each_flipped_record_of_a_stored_log_is_found_by_position() {
    let backend = Arc::new(MemoryBackend::new());
    let drafts = (0..50).map(|n| draft("room:a", &format!("payload {n}"))).collect();
    let log = log_of(&backend, vec![event_log::Unit::of(drafts)]);
    let mut seen = HashMap::new();
    for position in 1..=51 {
        // In the signature, in the header, in the payload.
        for byte in [10, 100, backend.frame_len(Position(position)) - 1] {
            backend.flip(Position(position), byte);
            match verify_log(&log.tree, &mut |_| ()) {
                Err(VerifyError::Damage(damage)) => assert_eq!(damage.position, Some(Position(position)), "byte {byte}"),
                other => panic!("position {position}, byte {byte}: {other:?}"),
            }
            backend.flip(Position(position), byte);
            *seen.entry(position).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 51);
    verify_log(&log.tree, &mut |_| ()).unwrap();
}
