//! Salts: each record has its own, and without it what was erased cannot be guessed.

use std::collections::HashSet;
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_log::{
    Appender, Class, Draft, ExportOptions, MemoryBackend, NoRandomness, OpenError, Outcome, Payload, Position, Rejected,
    SALT_BYTES, Salt, Salts, SystemSalts, Unit, Writer, verify_log,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::support::{
    Bench, CountedSalts, FixedClock, Log, ORIGIN, draft, erase, exported, key, log_of, open, unit, version_1_log,
};

/// All that the payload can have been.
const ANSWERS: [&str; 3] = ["yes", "no", "perhaps"];

/// The answers that can be told from the digest by whoever has `left`: any 16 bytes of it may be the salt, or none.
fn guesses(digest: &[u8; 32], left: &[u8]) -> Vec<&'static str> {
    let salts: HashSet<&[u8]> = left.windows(SALT_BYTES).chain([&[][..]]).collect();
    let fits =
        |salt: &[u8], answer: &str| Sha256::new().chain_update(salt).chain_update(answer).finalize()[..] == digest[..];
    ANSWERS.into_iter().filter(|answer| salts.iter().any(|salt| fits(salt, answer))).collect()
}

/// Every byte of the log that is left, as it is stored.
fn stored(log: &Log) -> Vec<u8> {
    let mut left = Vec::new();
    for record in log.reader.read(Position(1), 1_000).unwrap() {
        left.extend(record.header.encode());
        left.extend(record.signature);
        left.extend(record.header.payload_digest);
        left.extend(record.header.previous);
        if let Payload::Present(content) = &record.payload {
            left.extend(content.salt().into_iter().flatten());
            left.extend(content.bytes());
        }
    }
    for checkpoint in log.tree.checkpoints(0, 100).unwrap() {
        left.extend(checkpoint.note.into_bytes());
    }
    left
}

/// Every byte of an export, and what its texts hold when they are read as base64.
fn carried(lines: &[u8]) -> Vec<u8> {
    let mut left = lines.to_vec();
    for text in lines.split(|byte| *byte == b'"') {
        left.extend(STANDARD.decode(text).unwrap_or_default());
    }
    left
}

fn digest_at(log: &Log, position: u64) -> [u8; 32] {
    log.reader.get(Position(position)).unwrap().unwrap().header.payload_digest
}

#[test]
fn an_erased_answer_cannot_be_guessed_from_what_is_left() {
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![unit("room:a", &["before", "yes", "after"])]);
    let digest = digest_at(&log, 3);
    // As long as the salt is there it can be, or this test proves nothing.
    assert_eq!(guesses(&digest, &stored(&log)), ["yes"]);
    assert_eq!(guesses(&digest, &carried(&exported(&log, &ExportOptions::default()))), ["yes"]);
    let bench = Bench::new(&log);
    bench.append(erase(&[3])).unwrap();
    bench.close();
    verify_log(&log.tree, &mut |_| ()).unwrap();
    assert_eq!(digest_at(&log, 3), digest, "the header stays as it was signed");
    assert_eq!(guesses(&digest, &stored(&log)), [""; 0]);
    let secrets = ExportOptions { secrets: true, ..ExportOptions::default() };
    assert_eq!(guesses(&digest, &carried(&exported(&log, &secrets))), [""; 0]);
}

#[test]
fn an_answer_that_version_1_recorded_can_be_guessed_after_it_was_erased() {
    let (log, _) = open(&version_1_log(&["before", "yes"]));
    let bench = Bench::new(&log);
    bench.append(erase(&[3])).unwrap();
    bench.close();
    assert_eq!(guesses(&digest_at(&log, 3), &[]), ["yes"], "what salts are for");
}

#[test]
fn a_withheld_answer_cannot_be_guessed_from_the_export() {
    let secret = Draft { class: Class::Secret, ..draft("user:a", "no") };
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![Unit::of(vec![secret])]);
    let digest = digest_at(&log, 2);
    assert_eq!(guesses(&digest, &carried(&exported(&log, &ExportOptions::default()))), [""; 0]);
    let secrets = ExportOptions { secrets: true, ..ExportOptions::default() };
    assert_eq!(guesses(&digest, &carried(&exported(&log, &secrets))), ["no"]);
}

#[test]
fn equal_payloads_have_different_salts_and_digests() {
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![Unit::of(vec![draft("room:a", "yes"); 500]); 2]);
    let records = log.reader.read(Position(1), 2_000).unwrap();
    let digests: HashSet<_> = records.iter().map(|record| record.header.payload_digest).collect();
    let salts: HashSet<_> = records
        .iter()
        .map(|record| match &record.payload {
            Payload::Present(content) => *content.salt().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((digests.len(), salts.len()), (1_001, 1_001));
}

#[test]
fn the_system_overwrites_every_salt() {
    let mut salts = [[0; SALT_BYTES]; 1_000];
    SystemSalts.draw(&mut salts).unwrap();
    assert_eq!(salts.iter().collect::<HashSet<_>>().len(), 1_000);
    assert!(!salts.contains(&[0; SALT_BYTES]));
}

/// As many salts as it was told, then no more.
struct Few(parking_lot::Mutex<usize>);

impl Salts for Few {
    fn draw(&self, salts: &mut [Salt]) -> Result<(), NoRandomness> {
        let mut left = self.0.lock();
        *left = left.checked_sub(salts.len()).ok_or_else(|| NoRandomness("the dice are lost".to_owned()))?;
        CountedSalts::default().draw(salts)
    }
}

#[test]
fn without_randomness_nothing_is_recorded() {
    let opened = |salts| {
        let few = Arc::new(Few(salts));
        Appender::open_with_salts(Arc::new(MemoryBackend::new()), key(), ORIGIN, FixedClock::at(1), few)
    };
    assert!(matches!(opened(0.into()), Err(OpenError::Append(_))));
    let (log, _) = opened(2.into()).unwrap();
    let reader = log.reader().clone();
    let writer = Writer::spawn(log, 8, |_: Outcome<u32>| ()).unwrap();
    match writer.submit(unit("room:a", &["one", "two"]), 7) {
        Err(rejected @ Rejected::NoRandomness(7, _)) => {
            assert_eq!(rejected.to_string(), "the system gives no randomness: the dice are lost");
        }
        other => panic!("{other:?}"),
    }
    writer.submit(unit("room:a", &["one"]), 8).unwrap();
    writer.close();
    assert_eq!(reader.head(), Position(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_digest_is_of_salt_and_payload_in_this_order(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..5)) {
        let drafts = payloads.iter().map(|payload| Draft { payload: payload.clone(), ..draft("room:a", "") }).collect();
        let log = log_of(&Arc::new(MemoryBackend::new()), vec![Unit::of(drafts)]);
        for (record, payload) in log.reader.read(Position(2), 10).unwrap().iter().zip(&payloads) {
            let Payload::Present(content) = &record.payload else { panic!("nothing was erased") };
            prop_assert_eq!(content.bytes(), payload.as_slice());
            let salted = [content.salt().unwrap().as_slice(), payload].concat();
            prop_assert_eq!(&Sha256::digest(salted)[..], &record.header.payload_digest[..]);
        }
    }
}
