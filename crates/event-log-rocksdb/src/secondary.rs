//! Reading a folder beside the process that writes it: taking over what it has written since, without holes.

use event_log::{LogFault, Position};
use rocksdb::DB;

use crate::database::last_key;
use crate::fault::storage;
use crate::options::HEADERS;

/// How often to look again while the writer rewrites its files.
const TRIES_MAX: usize = 16;

/// Takes over what was written until now, and says up to where the records are whole.
///
/// RocksDB reads the list of table files first and the write-ahead log afterwards. If the writer moves records from the log
/// to a table in between, they are found in neither, while those that follow are there. So an end counts only when
/// the list, read once more, has not changed since: whatever had left the log by then would be in a new table.
///
/// # Errors
/// [`LogFault::Unavailable`] when the files change every time, or one goes away while it is looked for.
pub(crate) fn catch_up(database: &DB) -> Result<Option<Position>, LogFault> {
    let passing = |error: rocksdb::Error| LogFault::Unavailable(error.to_string());
    let mut seen = None;
    let mut failed = None;
    for _ in 0..TRIES_MAX {
        if let Err(error) = database.try_catch_up_with_primary() {
            failed = Some(passing(error));
            seen = None;
            continue;
        }
        let tables = tables(database)?;
        if let Some((head, before)) = seen
            && before == tables
        {
            return Ok(head);
        }
        seen = Some((last_key(database, HEADERS)?.map(Position), tables));
    }
    Err(failed.unwrap_or_else(|| LogFault::Unavailable("the log's files are being rewritten".to_owned())))
}

/// The names of all table files.
fn tables(database: &DB) -> Result<Vec<String>, LogFault> {
    let mut names: Vec<String> =
        database.live_files().map_err(|error| storage(&error))?.into_iter().map(|file| file.name).collect();
    names.sort_unstable();
    Ok(names)
}
