//! Upcasting, on a table of its own: no real kind has an older version yet. And that golden payloads of the real table leave no
//! member out; that they are read and written again is tested in `crates/domain/tests/fact_format.rs`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    CodecError, Fact,
    table::{self, members::members},
};
use crate::{
    backup::Totals,
    room::{ExpiryTarget, TransactionKey},
};

#[path = "../../tests/fact_format/files.rs"]
mod files;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    is_loud: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    text: String,
}

/// Version 2 said loudness by capitals.
#[derive(Deserialize)]
struct SaidV2 {
    room: Option<String>,
    text: String,
}

impl From<SaidV2> for Said {
    fn from(SaidV2 { room, text }: SaidV2) -> Self {
        Self { is_loud: text.to_uppercase() == text, room, text }
    }
}

/// Version 1 was the text alone.
#[derive(Deserialize)]
#[serde(transparent)]
struct SaidV1(String);

impl From<SaidV1> for Said {
    fn from(SaidV1(text): SaidV1) -> Self {
        SaidV2 { room: None, text }.into()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    hash: String,
}

table::facts! {
    /// Facts of this test.
    enum Sample;
    /// Their areas.
    enum SampleArea;

    /// What is said.
    Talk(TalkFact) {
        /// Somebody said something.
        Said(Said) = "sample.said" v 3 plain in room, v 2 => SaidV2, v 1 => SaidV1;
    }

    /// What is kept.
    Keep(KeepFact) {
        /// A hash
        /// is kept.
        Kept(Kept) = "sample.kept" v 1 secret in user;
    }
}

#[test]
fn a_fact_is_of_one_area() {
    let text_of = |fact: &Sample| match fact.area() {
        SampleArea::Talk(TalkFact::Said(said)) => said.text.clone(),
        SampleArea::Keep(KeepFact::Kept(kept)) => kept.hash.clone(),
    };
    for (kind, payload, text) in [("sample.said", r#""hello""#, "hello"), ("sample.kept", r#"{"hash":"abc"}"#, "abc")] {
        let fact = Sample::decode(kind, 1, payload.as_bytes()).unwrap();
        assert_eq!(text_of(&fact), text);
    }
}

#[test]
fn older_versions_are_read_and_only_the_current_one_is_written() {
    let table = [
        (1, json!("HELLO"), json!({"is_loud": true, "text": "HELLO"})),
        (2, json!({"text": "hello", "room": "kitchen"}), json!({"is_loud": false, "room": "kitchen", "text": "hello"})),
        (3, json!({"is_loud": true, "text": "hello"}), json!({"is_loud": true, "text": "hello"})),
    ];
    for (version, old, current) in table {
        let encoded = Sample::decode("sample.said", version, old.to_string().as_bytes()).unwrap().encode().unwrap();
        assert_eq!((encoded.kind, encoded.version, encoded.secret), ("sample.said", 3, false));
        assert_eq!(String::from_utf8(encoded.payload).unwrap(), current.to_string(), "version {version}");
    }
    let kept = Sample::decode("sample.kept", 1, br#"{"hash":"abc"}"#).unwrap();
    assert!(kept.encode().unwrap().secret);
}

#[test]
fn what_is_not_in_the_table_is_a_newer_server_s() {
    for (kind, version) in [("sample.said", 4), ("sample.said", 0), ("sample.kept", 2), ("sample.unknown", 1)] {
        let error = Sample::decode(kind, version, b"{}").map(|_| ()).unwrap_err();
        assert!(matches!(error, CodecError::UnknownKind { .. }), "{error}");
    }
    // A payload of another version is not one of this version.
    let error = Sample::decode("sample.said", 3, br#""HELLO""#).map(|_| ()).unwrap_err();
    assert!(matches!(error, CodecError::Payload { .. }), "{error}");
}

#[test]
fn the_table_lists_every_version_with_its_class() {
    let rows: Vec<_> = Sample::KINDS
        .iter()
        .flat_map(|kind| kind.versions().map(|(version, is_current)| (kind.name, version, is_current, kind.is_secret)))
        .collect();
    assert_eq!(
        rows,
        [
            ("sample.said", 3, true, false),
            ("sample.said", 2, false, false),
            ("sample.said", 1, false, false),
            ("sample.kept", 1, true, true),
        ]
    );
    let says: Vec<_> = Sample::KINDS.iter().map(|kind| (kind.stream, kind.says())).collect();
    assert_eq!(says, [("room", "Somebody said something."), ("user", "A hash is kept.")]);
}

#[test]
fn every_member_is_in_a_golden_payload() {
    assert_eq!(Sample::members(), [("sample.said", ["is_loud", "room", "text"].as_slice()), ("sample.kept", &["hash"])]);
    let golden = files::all().unwrap();
    let nested = [
        ("room.pdu", "/transaction", members::<TransactionKey>()),
        ("room.expired", "/target", members::<ExpiryTarget>()),
        ("backup.keys_stored", "/totals", members::<Totals>()),
    ];
    let whole = Fact::members().into_iter().map(|(kind, names)| (kind, "", names));
    for (kind, place, names) in whole.chain(nested) {
        let version = Fact::KINDS.iter().find(|known| known.name == kind).unwrap().version;
        let is_current = |golden: &&files::Golden| (golden.kind.as_str(), golden.version) == (kind, version);
        let payloads = golden.iter().filter(is_current).filter(|golden| !golden.name.ends_with("upcast"));
        let payloads = payloads.map(|golden| serde_json::from_str::<Value>(&golden.payload).unwrap());
        let shown: BTreeSet<String> = payloads
            .filter_map(|payload| payload.pointer(place)?.as_object().map(|members| members.keys().cloned().collect()))
            .flat_map(|names: Vec<String>| names)
            .collect();
        assert!(!names.is_empty(), "{kind} reads no object");
        assert!(names.is_sorted(), "the fields of {kind}{place} are not in the order of their names: {names:?}");
        assert_eq!(shown.iter().map(String::as_str).collect::<Vec<_>>(), names, "{kind}{place}");
    }
}
