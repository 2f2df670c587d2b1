//! What the log and its readers ask of facts.

use domain::{Fact, Stream};
use serde::de::IgnoredAny;

// The bounds of the log (`crates/event-log/src/record.rs`), which the domain does not know.
const RECORDS_MAX: usize = 1_000;
const PAYLOAD_BYTES_MAX: usize = 1 << 20;
const UNIT_BYTES_MAX: usize = 16 << 20;
const STREAM_BYTES_MAX: usize = 512;
const ERASED_MAX: usize = 10_000;

/// How deep JSON may be nested when it comes in.
const LEVELS_MAX: usize = 64;

/// The fact as its record gives it back: its payload is the same when it is written again.
pub(crate) fn reread(fact: &Fact) -> Fact {
    let written = fact.encode().unwrap();
    let read = Fact::decode(written.kind, written.version, &written.payload)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&written.payload)));
    let again = read.encode().unwrap();
    assert_eq!((again.kind, again.version, again.secret), (written.kind, written.version, written.secret));
    assert!(again.payload == written.payload, "the payload of {} changes", written.kind);
    read
}

/// Holds one decision against the bounds of a unit of the log.
pub(crate) fn check_unit(facts: &[(Stream, Fact)]) {
    let erased: usize = facts.iter().map(|(_, fact)| fact.erases().len()).sum();
    let records = facts.len() + usize::from(erased > 0);
    assert!((1..=RECORDS_MAX).contains(&records), "a decision of {records} records");
    assert!(erased <= ERASED_MAX, "a decision erases {erased} payloads");
    let bytes: usize = facts.iter().map(|(stream, fact)| check_record(stream, fact)).sum();
    assert!(bytes <= UNIT_BYTES_MAX, "a decision of {bytes} bytes");
}

/// How many bytes the payload has.
fn check_record(stream: &Stream, fact: &Fact) -> usize {
    let written = fact.encode().unwrap();
    let (kind, payload) = (written.kind, &written.payload);
    assert!(payload.len() <= PAYLOAD_BYTES_MAX, "a payload of {kind} with {} bytes", payload.len());
    serde_json::from_slice::<IgnoredAny>(payload).unwrap();
    assert!(levels(payload) <= LEVELS_MAX + own_levels(kind), "a payload of {kind} with {} levels", levels(payload));
    let stream = stream.to_string();
    assert!(stream.len() <= STREAM_BYTES_MAX && !stream.contains(char::is_control), "{stream:?} is no name of a stream");
    payload.len()
}

/// Levels that a payload has around JSON that came in.
fn own_levels(kind: &str) -> usize {
    match kind {
        "keys.one_time_uploaded" | "keys.fallback_uploaded" | "room.pdu" | "room.pruned" => 2,
        // Tags are an object in an object.
        "account_data.set" | "backup.keys_stored" => 3,
        _ => 1,
    }
}

/// Arrays and objects within each other.
fn levels(json: &[u8]) -> usize {
    let (mut level, mut most, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => {
                level += 1;
                most = most.max(level);
            }
            b'}' | b']' if !is_text => level -= 1,
            _ => {}
        }
    }
    most
}
