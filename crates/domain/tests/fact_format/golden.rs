//! Golden payloads: one at least for every kind and version, each read and written again to the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fact, Kind};
use serde_json::{Value, value::RawValue};

use crate::files::{self, Golden};

/// Ends the name of a file with what a payload of an older version has become.
const UPCAST: &str = "upcast";
/// The name of a file in which a value stands as a client sent it.
const AS_SENT: &str = "as_sent";

/// The golden payloads, without those that others have become.
fn payloads() -> impl Iterator<Item = Golden> {
    files::all().unwrap().into_iter().filter(|golden| !golden.name.ends_with(UPCAST))
}

fn kind_of(golden: &Golden) -> Option<&'static Kind> {
    Fact::KINDS.iter().find(|kind| kind.name == golden.kind)
}

#[test]
fn every_kind_and_version_has_a_golden_file_and_every_file_a_kind() {
    let table: BTreeSet<(String, u16)> =
        Fact::KINDS.iter().flat_map(|kind| kind.versions().map(|(version, _)| (kind.name.to_owned(), version))).collect();
    let first_files = payloads().filter(|golden| golden.name.is_empty());
    assert_eq!(table, first_files.map(|golden| (golden.kind, golden.version)).collect());
    for golden in files::all().unwrap() {
        assert!(table.contains(&(golden.kind, golden.version)), "{} is of no kind and version in the table", golden.file);
    }
    assert_eq!(Fact::KINDS.len(), Fact::KINDS.iter().map(|kind| kind.name).collect::<BTreeSet<_>>().len());
}

#[test]
fn golden_payloads_are_read_and_written_again_to_the_same_bytes() {
    let upcast: BTreeMap<String, String> =
        files::all().unwrap().into_iter().map(|golden| (golden.file, golden.payload)).collect();
    for golden in payloads() {
        let kind = kind_of(&golden).unwrap();
        let fact = Fact::decode(&golden.kind, golden.version, golden.payload.as_bytes());
        let encoded = fact.unwrap_or_else(|error| panic!("{}: {error}", golden.file)).encode().unwrap();
        assert_eq!((encoded.kind, encoded.version, encoded.secret), (kind.name, kind.version, kind.is_secret));
        let written = String::from_utf8(encoded.payload).unwrap();
        // The same bytes also say that no member of the payload was passed over.
        let expected = if golden.version == kind.version {
            &golden.payload
        } else {
            let file = golden.file.replace(".json", &format!(".{UPCAST}.json"));
            upcast.get(&file).unwrap_or_else(|| panic!("{file} is missing; it is {written}"))
        };
        assert_eq!(&written, expected, "{}", golden.file);
    }
}

#[test]
fn upcast_files_belong_to_payloads_of_older_versions() {
    let older: BTreeSet<String> = payloads()
        .filter(|golden| kind_of(golden).is_some_and(|kind| golden.version != kind.version))
        .map(|golden| golden.file.replace(".json", &format!(".{UPCAST}.json")))
        .collect();
    let found = files::all().unwrap().into_iter().filter(|golden| golden.name.ends_with(UPCAST));
    assert_eq!(older, found.map(|golden| golden.file).collect());
}

#[test]
fn golden_payloads_are_canonical_but_for_values_kept_as_sent() {
    for golden in files::all().unwrap() {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&golden.payload).unwrap();
        assert_eq!(golden.payload, serde_json::to_string(&members).unwrap(), "the members of {}", golden.file);
        let is_canonical = golden.payload == canonical(&golden.payload);
        assert_eq!(is_canonical, golden.name != AS_SENT, "{}", golden.file);
    }
}

/// Keys sorted, no spaces, no more escapes than JSON needs.
pub(crate) fn canonical(json: &str) -> String {
    serde_json::from_str::<Value>(json).unwrap().to_string()
}
