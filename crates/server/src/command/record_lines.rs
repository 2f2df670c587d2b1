//! Lines about records of the log, for commands that read it from its beginning.

use std::path::Path;

use anyhow::Result;
use event_log::{Position, Record};

use crate::{console::say, data_folder::DataFolder};

/// Says what `line` makes of each record, of which it may make nothing. A server may be running.
///
/// # Errors
/// When the log does not read, or `line` fails.
pub(super) fn say_each(data: &Path, line: impl Fn(&Record) -> Result<Option<String>>) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let tree = DataFolder::new(data).open_log_to_read(scratch.path())?;
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
