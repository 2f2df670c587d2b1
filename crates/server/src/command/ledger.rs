//! `hearth log ledger`: what admins have done, read from the log itself and not from the views.

use anyhow::Result;
use domain::Fact;
use event_log::Record;
use serde_json::json;
use views::ledger::{LedgerRow, act_of};

use super::record_lines::say_each;
use crate::cli::Data;

pub(super) fn run(args: &Data) -> Result<()> {
    say_each(&args.data, line)
}

/// An act with its place; none for other records, and for one that does not read, which `hearth log stat` names.
fn line(record: &Record) -> Result<Option<String>> {
    let header = &record.header;
    let fact = record.bytes().map(|payload| Fact::decode(&header.kind, header.kind_version, payload));
    let Some(Ok(fact)) = fact else { return Ok(None) };
    let Some((by, act)) = act_of(&fact) else { return Ok(None) };
    let row = LedgerRow { at_ms: header.at_ms, by: by.clone(), act };
    let mut line = serde_json::to_value(&row)?;
    line["position"] = json!(header.position.0);
    Ok(Some(line.to_string()))
}
