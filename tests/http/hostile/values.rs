//! Values that readers stumble over, and where in a body they are put.

use serde_json::Value;

/// Stands in a body where a hostile value goes; no request has this text otherwise.
const HOLE: &str = "@@hole@@";

/// A value as JSON text, which need not be JSON.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hostile {
    /// So many arrays within each other.
    Arrays(usize),
    /// So many objects within each other.
    Objects(usize),
    /// A string of so many letters.
    Letters(usize),
    /// As it stands.
    Text(&'static str),
}

impl Hostile {
    pub(super) fn text(self) -> String {
        match self {
            Self::Arrays(levels) => format!("{}{}", "[".repeat(levels), "]".repeat(levels)),
            Self::Objects(levels) => format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels)),
            Self::Letters(bytes) => format!("\"{}\"", "a".repeat(bytes)),
            Self::Text(text) => text.to_owned(),
        }
    }
}

/// What is tried in every place. Levels are of both sides of the server's own bound and of serde_json's.
pub(super) const HOSTILE: [Hostile; 30] = [
    Hostile::Arrays(58),
    Hostile::Arrays(61),
    Hostile::Arrays(62),
    Hostile::Arrays(63),
    Hostile::Arrays(64),
    Hostile::Arrays(124),
    Hostile::Arrays(126),
    Hostile::Arrays(30_000),
    Hostile::Objects(61),
    Hostile::Objects(63),
    Hostile::Objects(125),
    Hostile::Letters(256),
    Hostile::Letters(70_000),
    Hostile::Text(r#""\ud800""#),
    Hostile::Text(r#"{"\udfff":1}"#),
    Hostile::Text(r#""\u0000""#),
    Hostile::Text("\"\u{202e}\u{feff}\u{1f469}\""),
    Hostile::Text("1e999"),
    Hostile::Text("1.5"),
    Hostile::Text("-0"),
    Hostile::Text("9007199254740993"),
    Hostile::Text("18446744073709551616"),
    Hostile::Text("-9223372036854775808"),
    Hostile::Text("null"),
    Hostile::Text("true"),
    Hostile::Text("[]"),
    Hostile::Text("{}"),
    Hostile::Text("\"\""),
    Hostile::Text(r#"{"a":1,"a":{"a":[]}}"#),
    Hostile::Text("@@"),
];

/// In how many places of `body` a value can be put: in place of each value, and as one more field of each object.
pub(super) fn holes(body: &Value) -> usize {
    let mut count = 0;
    visit(&mut body.clone(), &mut |_| {
        count += 1;
        false
    });
    count
}

/// `body` as text, with `hostile` in place number `hole`.
pub(super) fn with_hostile(body: &Value, hole: usize, hostile: &str) -> String {
    let mut body = body.clone();
    let mut index = 0;
    visit(&mut body, &mut |place| {
        let is_here = index == hole;
        if is_here {
            *place = Value::from(HOLE);
        }
        index += 1;
        is_here
    });
    body.to_string().replace(&format!("\"{HOLE}\""), hostile)
}

/// Calls `put` with each place, until it says that it has used one.
fn visit(value: &mut Value, put: &mut dyn FnMut(&mut Value) -> bool) -> bool {
    let is_used = match value {
        Value::Object(fields) => {
            let mut more = Value::Null;
            if put(&mut more) {
                fields.insert("more".to_owned(), more);
                return true;
            }
            fields.values_mut().any(|field| visit(field, put))
        }
        Value::Array(items) => items.iter_mut().any(|item| visit(item, put)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    is_used || put(value)
}
