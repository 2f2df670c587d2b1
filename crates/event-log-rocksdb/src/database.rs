//! The parts of an open database: its column families, and the last key of one.

use event_log::LogFault;
use rocksdb::{ColumnFamily, DB};

use crate::fault::{closed, storage};
use crate::rows;

/// The database, if it is open.
pub(crate) fn handle(guard: &Option<DB>) -> Result<&DB, LogFault> {
    guard.as_ref().ok_or_else(closed)
}

pub(crate) fn family<'a>(database: &'a DB, name: &str) -> Result<&'a ColumnFamily, LogFault> {
    database.cf_handle(name).ok_or_else(|| LogFault::Storage(format!("column family `{name}` is missing")))
}

pub(crate) fn last_key(database: &DB, name: &str) -> Result<Option<u64>, LogFault> {
    let mut rows = database.raw_iterator_cf(family(database, name)?);
    rows.seek_to_last();
    rows.status().map_err(|error| storage(&error))?;
    Ok(rows.key().and_then(rows::number))
}
