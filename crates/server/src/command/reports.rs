//! `hearth log reports`: what people have reported.

use anyhow::Result;
use domain::Fact;
use event_log::Record;
use serde_json::json;

use super::record_lines::say_each;
use crate::cli::Data;

const KIND: &str = "report.made";

pub(crate) fn run(args: &Data) -> Result<()> {
    say_each(&args.data, line)
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
