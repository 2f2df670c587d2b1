//! What texts and JSON are written in: every kind of character and of number, to any length.

use std::cell::RefCell;

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use ruma::{CanonicalJsonObject, serde::Raw};
use serde_json::value::RawValue;

/// Inks that are made up at random, beside those that are always there.
const MADE_UP: u32 = 2;
/// Objects around the innermost one but for the outermost: 64 levels in all, as many as may come in
/// (`crates/api/src/json.rs`).
const WRAPPED: usize = 62;

/// Numbers that clients may send where JSON is kept as it came.
const NUMBERS: [&str; 7] =
    ["0.1", "-1.7976931348623157e308", "5e-324", "-0", "1E2", "18446744073709551616", "9007199254740993"];
/// The largest and the smallest number of canonical JSON, and the one between them.
const INTEGERS: [&str; 3] = ["9007199254740991", "-9007199254740991", "0"];

/// Characters and numbers to write with.
#[derive(Clone, Debug)]
pub(crate) struct Ink {
    letters: Vec<char>,
    number: &'static str,
    integer: &'static str,
}

impl Ink {
    /// Each of these characters takes six bytes in JSON: nothing is larger in a record.
    pub(crate) fn controls() -> Self {
        Self::of(&['\u{1}', '\u{1f}'], 0)
    }

    fn of(letters: &[char], number: usize) -> Self {
        Self { letters: letters.to_vec(), number: NUMBERS[number], integer: INTEGERS[number % INTEGERS.len()] }
    }

    /// A text of exactly so many bytes. It has none of the two characters that identifiers cannot have.
    pub(crate) fn text(&self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes);
        for letter in self.letters.iter().cycle() {
            if text.len() + letter.len_utf8() > bytes {
                break;
            }
            text.push(*letter);
        }
        text.extend(std::iter::repeat_n('a', bytes - text.len()));
        text
    }

    /// A text as long as ids and names may be that a number tells apart from others.
    pub(crate) fn numbered(&self, number: usize) -> String {
        let number = number.to_string();
        self.text(255 - number.len()) + &number
    }

    /// A JSON object of exactly so many bytes. It begins with `members`, each with a comma behind it.
    pub(crate) fn raw(&self, members: &str, bytes: usize) -> Box<RawValue> {
        RawValue::from_string(self.object(members, bytes, self.number, WRAPPED)).unwrap()
    }

    /// The same as a value of some type.
    pub(crate) fn raw_of<T>(&self, members: &str, bytes: usize) -> Raw<T> {
        Raw::from_json(self.raw(members, bytes))
    }

    /// An object that has exactly so many bytes as canonical JSON.
    pub(crate) fn canonical(&self, bytes: usize) -> CanonicalJsonObject {
        serde_json::from_str(&self.object("", bytes, self.integer, WRAPPED)).unwrap()
    }

    /// The same with a level less, to stand in another object.
    pub(crate) fn canonical_inside(&self, bytes: usize) -> CanonicalJsonObject {
        serde_json::from_str(&self.object("", bytes, self.integer, WRAPPED - 1)).unwrap()
    }

    /// Nested as deep as may be, or flat where there is no place for that.
    fn object(&self, members: &str, bytes: usize, number: &str, wrapped: usize) -> String {
        let text = serde_json::to_string(&format!("\0:{}", self.text(24))).unwrap();
        let deep = |fill: &str| {
            let (open, close) = (r#"{"z":"#.repeat(wrapped), "}".repeat(wrapped));
            format!(r#"{{{members}"z":{open}{{"n":{number},"t":{text},"x":"{fill}"}}{close}}}"#)
        };
        let flat = |fill: &str| format!(r#"{{{members}"x":"{fill}"}}"#);
        let empty = format!("{{{}}}", members.trim_end_matches(','));
        match (bytes.checked_sub(deep("").len()), bytes.checked_sub(flat("").len())) {
            (Some(left), _) => deep(&"x".repeat(left)),
            (None, Some(left)) => flat(&"x".repeat(left)),
            (None, None) => {
                assert_eq!(empty.len(), bytes, "there is no such short object");
                empty
            }
        }
    }
}

/// Runs something in every ink: control characters, characters with short escapes, those beyond 16 bits, the odd ones among
/// the others, and some at random.
pub(crate) fn inks<T>(run: impl Fn(&Ink) -> T) -> Vec<T> {
    let always = [
        Ink::controls(),
        Ink::of(&['"', '\\', '/', '\n', '\t'], 1),
        Ink::of(&['\u{10ffff}', '𝄞'], 2),
        Ink::of(&['\u{ffff}', '\u{fffd}', '\u{2028}', '\u{7f}', 'é', ' '], 3),
    ];
    let ran = RefCell::new(always.iter().map(&run).collect::<Vec<_>>());
    let config = Config { cases: MADE_UP, failure_persistence: None, max_shrink_iters: 16, ..Config::default() };
    let outcome = TestRunner::new(config).run(&ink(), |ink| {
        let outcome = run(&ink);
        ran.borrow_mut().push(outcome);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    ran.into_inner()
}

fn ink() -> impl Strategy<Value = Ink> {
    let letter = any::<char>().prop_filter("identifiers cannot have it", |letter| !['\0', ':'].contains(letter));
    (prop::collection::vec(letter, 1..16), select(NUMBERS.to_vec()), select(INTEGERS.to_vec()))
        .prop_map(|(letters, number, integer)| Ink { letters, number, integer })
}
