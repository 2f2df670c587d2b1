//! `hearth log ledger`: what admins have done, read from the log itself and not from the views.

use anyhow::Result;
use domain::Fact;
use event_log::{Position, Record};
use serde_json::json;
use views::ledger::{LedgerRow, act_of};

use crate::{cli::Data, console::say, data_folder::DataFolder};

pub(super) fn run(args: &Data) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let tree = DataFolder::new(&args.data).open_log_to_read(scratch.path())?;
    let log = tree.reader();
    for page in log.pages(Position::ZERO.next()) {
        for record in &page? {
            if let Some(line) = line(record)? {
                say(&line)?;
            }
        }
    }
    Ok(())
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
