//! Payloads of every kind with values changed at random: whatever reads is written canonically, and reads the same again.

use std::cell::Cell;

use domain::Fact;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use serde_json::{Number, Value, json};

use crate::{
    files::{self, Golden},
    golden::canonical,
};

/// Random changes of each golden payload.
const CASES: u32 = 96;
/// What the door lets in (`crates/api/src/json.rs`), less the two levels that a payload has around it.
const LEVELS_MAX: usize = 62;

/// What is done to a value that holds no others.
#[derive(Clone, Debug)]
enum Change {
    /// Text is put in behind the first letter, so that an id stays one.
    Insert(String),
    /// Something else is in its place.
    Replace(Value),
    /// Something else is in its place, so many levels deep.
    Bury(Value, usize, String),
}

fn text() -> impl Strategy<Value = String> {
    let any_letters = prop::collection::vec(any::<char>(), 0..24).prop_map(String::from_iter);
    prop_oneof![any_letters, Just(String::new()), Just("é".repeat(127) + "x"), "[a-z\\x00-\\x1f\"\\\\/]{0,12}"]
}

fn number() -> impl Strategy<Value = Number> {
    let fraction = prop::num::f64::NORMAL.prop_filter_map("a number of JSON", Number::from_f64);
    let edge = prop::sample::select(vec![0, 1, (1_u64 << 53) - 1, 1 << 53, u64::MAX]).prop_map(Number::from);
    prop_oneof![any::<i64>().prop_map(Number::from), any::<u32>().prop_map(Number::from), edge, fraction]
}

fn leaf() -> impl Strategy<Value = Value> {
    let other = prop::sample::select(vec![json!(null), json!(true), json!(false), json!({}), json!([])]);
    prop_oneof![3 => text().prop_map(Value::from), 3 => number().prop_map(Value::from), 1 => other]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => text().prop_map(Change::Insert),
        4 => leaf().prop_map(Change::Replace),
        1 => (leaf(), 1..=LEVELS_MAX, text()).prop_map(|(value, levels, key)| Change::Bury(value, levels, key)),
    ]
}

impl Change {
    fn apply(self, leaf: &mut Value) {
        match self {
            Self::Insert(new) => {
                if let Value::String(text) = leaf {
                    text.insert_str(text.chars().next().map_or(0, char::len_utf8), &new);
                }
            }
            Self::Replace(value) => *leaf = value,
            Self::Bury(value, levels, key) => {
                *leaf = (0..levels).fold(value, |inner, level| match level % 2 {
                    0 => Value::Array(vec![inner]),
                    _ => Value::Object([(key.clone(), inner)].into_iter().collect()),
                });
            }
        }
    }
}

/// The values that hold no others.
fn leaves(value: &mut Value) -> Vec<&mut Value> {
    let is_leaf = match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    match value {
        leaf if is_leaf => vec![leaf],
        Value::Object(members) => members.values_mut().flat_map(leaves).collect(),
        Value::Array(items) => items.iter_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

fn mutate(payload: &str, changes: Vec<(Index, Change)>) -> String {
    let mut value: Value = serde_json::from_str(payload).unwrap();
    for (index, change) in changes {
        let mut leaves = leaves(&mut value);
        let at = index.index(leaves.len());
        change.apply(leaves[at]);
    }
    value.to_string()
}

fn write(fact: &Fact) -> String {
    String::from_utf8(fact.encode().unwrap().payload).unwrap()
}

#[test]
fn whatever_reads_is_written_canonically_and_reads_the_same_again() {
    for golden in files::all().unwrap() {
        let Golden { file, kind, version, payload, .. } = &golden;
        let current = Fact::KINDS.iter().find(|known| known.name == *kind).unwrap().version;
        let read = Cell::new(0);
        let changes = prop::collection::vec((any::<Index>(), change()), 1..4);
        let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&changes, |changes| {
            let changed = mutate(payload, changes);
            let Ok(fact) = Fact::decode(kind, *version, changed.as_bytes()) else { return Ok(()) };
            read.set(read.get() + 1);
            let written = write(&fact);
            prop_assert_eq!(&written, &canonical(&written), "{}", changed);
            let again = Fact::decode(kind, current, written.as_bytes());
            prop_assert_eq!(&written, &write(&again.map_err(|error| TestCaseError::fail(error.to_string()))?));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(read.get() > 0, "none of the changed payloads of {file} reads");
    }
}

proptest! {
    #[test]
    fn values_of_clients_are_kept_byte_for_byte(leaf in leaf(), levels in 0..LEVELS_MAX, key in text(), is_wide: bool) {
        let mut value = json!(null);
        Change::Bury(leaf, levels, key).apply(&mut value);
        let value = json!({ "b": value, "a": 1.0 });
        let content = if is_wide { format!("{value:#}") } else { value.to_string() };
        for (kind, before, after) in [
            ("account_data.set", r#"{"content":"#, r#","type":"x","user_id":"@a:h"}"#),
            ("filter.created", r#"{"filter":"#, r#","filter_id":"0","user_id":"@a:h"}"#),
            ("pusher.set", r#"{"app_id":"a","device_id":"D","pusher":"#, r#","pushkey":"k","user_id":"@a:h"}"#),
            ("inbox.message", r#"{"content":"#, r#","device_id":"D","sender":"@b:h","type":"x","user_id":"@a:h"}"#),
            ("keys.dehydrated_set", r#"{"data":"#, r#","device_id":"D","user_id":"@a:h"}"#),
            ("backup.created", r#"{"info":"#, r#","user_id":"@a:h","version":1}"#),
        ] {
            let payload = format!("{before}{content}{after}");
            prop_assert_eq!(&write(&Fact::decode(kind, 1, payload.as_bytes()).unwrap()), &payload);
        }
    }
}
