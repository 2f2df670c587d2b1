//! `hearth log reports`: what people have reported.

use anyhow::Result;
use domain::Fact;
use event_log::{Position, Record};
use serde_json::json;

use crate::{cli::Data, console::say, data_folder::DataFolder};

const KIND: &str = "report.made";

pub(crate) fn run(args: &Data) -> Result<()> {
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

/// A report with its time and place; none for other records, and for a report that does not read, which `hearth log stat` names.
fn line(record: &Record) -> Result<Option<String>> {
    let header = &record.header;
    if header.kind != KIND {
        return Ok(None);
    }
    let fact = record.bytes().map(|payload| Fact::decode(&header.kind, header.kind_version, payload));
    let Some(Ok(Fact::ReportMade(report))) = fact else { return Ok(None) };
    let line = json!({ "at_ms": header.at_ms, "position": header.position.0, "report": report });
    Ok(Some(serde_json::to_string(&line)?))
}
