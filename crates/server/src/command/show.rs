//! `hearth log show`: one record, readable.

use anyhow::{Context, Result};
use event_log::{Class, Payload, Position};
use serde_json::{Value, json};

use crate::{cli::Show, console::say, data_folder::DataFolder};

pub(crate) fn run(args: &Show) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let log = DataFolder::new(&args.data.data).open_log_to_read(scratch.path())?;
    let log = log.reader();
    let record = log
        .get(Position(args.position))?
        .with_context(|| format!("there is no record {}; the log ends at {}", args.position, log.head()))?;
    let header = &record.header;
    let payload = match &record.payload {
        Payload::Erased => json!("(erased)"),
        // A terminal is no place for the hashes of passwords and tokens.
        _ if header.class == Class::Secret => json!("(credentials)"),
        Payload::Withheld => json!("(withheld)"),
        Payload::Present(content) => {
            let bytes = content.bytes();
            serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
        }
    };
    let shown = json!({
        "position": header.position.0,
        "count": header.count,
        "at_ms": header.at_ms,
        "stream": header.stream,
        "kind": header.kind,
        "kind_version": header.kind_version,
        "rest": header.rest,
        "payload": payload,
    });
    say(&serde_json::to_string_pretty(&shown)?)
}
