//! Prints docs/facts.md for `cargo xtask generate`: the table of facts, each kind with a golden payload.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use domain::{Fact, Kind};
use serde_json::{Map, Value};

#[path = "../tests/fact_format/files.rs"]
mod files;

use files::Golden;

const HEAD: &str = "\
# Facts

The payload of every record that is not the log's own is a fact: what was decided, in the past tense. This page lists all kinds. It
is written by `cargo xtask generate` from the table in `domain/src/fact.rs` and from the golden payloads in `tests/golden/facts/`.
The record around a payload is described in [record-format.md](record-format.md).

Facts are a public format: the log is kept for ever, and programs that nobody here wrote read exports of it.

- **A kind and a version have one meaning, for ever.** Names, types and meanings of members do not change.
- **Golden payloads are never edited.** They are what old logs hold. A test reads each one and writes it again to the same bytes.
- **A member may be added to a version** only if it may be missing, and a payload without it means what it meant before. It comes
  with a golden payload that has it; those without it stay.
- **Anything else is a new version** of the kind, written instead of the old one from then on. The row of the table says how a payload
  of the old version becomes one of the new, and a file `KIND.vOLD.upcast.json` holds the result. Old payloads keep being read.
- **A kind or version that a server does not know** is a newer server's. It refuses to start, with the position.

Payloads are [canonical JSON](record-format.md#conventions), with two exceptions for what people's clients may send. Values that the
server passes on unread are kept byte for byte as they were sent, with their own order, spaces and numbers: `content` of account data
and of messages to devices, `filter`, `pusher`, `data` of a dehydrated device, `info` and the sessions of a backup. And the `value` of
a profile field may hold fractions. A PDU is canonical JSON by its own specification.

Times are milliseconds since 1970-01-01 UTC, positions are places in the log, and digests of tokens and media are SHA-256
in base64 for URLs without padding. Members that Matrix defines have its meaning.
";

fn main() -> io::Result<()> {
    let golden = files::all()?;
    let mut page = HEAD.to_owned();
    for kind in Fact::KINDS {
        section(&mut page, kind, &golden).map_err(io::Error::other)?;
    }
    io::stdout().write_all(page.as_bytes())
}

fn section(page: &mut String, kind: &Kind, golden: &[Golden]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let of_kind: Vec<&Golden> = golden.iter().filter(|golden| golden.kind == kind.name).collect();
    let is_first = |golden: &&&Golden| golden.version == kind.version && golden.name.is_empty();
    let first = of_kind.iter().find(is_first).ok_or_else(|| format!("{} has no golden payload", kind.name))?;
    writeln!(page, "\n## {}\n\n{}\n", kind.name, kind.says())?;
    let older: Vec<String> = kind.older.iter().map(u16::to_string).collect();
    let older = if older.is_empty() { String::new() } else { format!(" (read as well: {})", older.join(", ")) };
    let class = if kind.is_secret { "secret" } else { "plain" };
    write!(page, "Version {}{older}, class {class}, in stream {}.", kind.version, stream(kind.stream))?;
    let optional = optional(first)?;
    if !optional.is_empty() {
        write!(page, " May be missing: {}.", in_backquotes(&optional))?;
    }
    let others: Vec<&str> =
        of_kind.iter().map(|golden| golden.file.as_str()).filter(|file| *file != first.file.as_str()).collect();
    if !others.is_empty() {
        write!(page, " More payloads: {}.", in_backquotes(&others))?;
    }
    let payload: Value = serde_json::from_str(&first.payload)?;
    writeln!(page, "\n\n```json\n{payload:#}\n```")?;
    Ok(())
}

/// What the streams are called that begin with a word.
fn stream(word: &str) -> String {
    match word {
        "room" => "`room:ROOM_ID`".to_owned(),
        "directory" | "outbox" => format!("`{word}`"),
        person => format!("`{person}:USER_ID`"),
    }
}

/// The members without which the payload reads all the same, `transaction.path` for one inside of another. A PDU's are
/// not looked at: Matrix says which it has.
fn optional(golden: &Golden) -> Result<Vec<String>, serde_json::Error> {
    let payload: Value = serde_json::from_str(&golden.payload)?;
    let reads = |changed: &Value| Fact::decode(&golden.kind, golden.version, changed.to_string().as_bytes()).is_ok();
    let mut found = Vec::new();
    let mut places = vec![String::new()];
    while let Some(place) = places.pop() {
        for name in payload.pointer(&place).and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            let mut changed = payload.clone();
            changed.pointer_mut(&place).and_then(Value::as_object_mut).and_then(|members| members.remove(name));
            let inside = format!("{place}/{name}");
            if reads(&changed) {
                found.push(inside.trim_start_matches('/').replace('/', "."));
            }
            // What reads also when it is empty is a map or a client's own.
            let mut changed = payload.clone();
            if let Some(member) = changed.pointer_mut(&inside).filter(|member| member.is_object() && name != "pdu") {
                *member = Value::Object(Map::new());
                places.extend((!reads(&changed)).then_some(inside));
            }
        }
    }
    Ok(found)
}

fn in_backquotes<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| format!("`{}`", word.as_ref())).collect::<Vec<_>>().join(", ")
}
