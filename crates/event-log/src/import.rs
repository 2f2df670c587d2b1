//! A new log from a whole export: every record verified and taken over as it is, then a new epoch under the new key.

use std::io::Read;
use std::sync::Arc;

use crate::appender::Appender;
use crate::clock::Clock;
use crate::export::Progress;
use crate::fault::{AppendError, LogFault};
use crate::key::LogKey;
use crate::line::Manifest;
use crate::open_error::OpenError;
use crate::record::{MAX_BATCH_RECORDS, Position, Record};
use crate::store::{Batch, RecordStore, Stores, TreeStore};
use crate::tree;
use crate::verify::{Item, Report, VerifyError, verify_lines};

/// Why an import was not finished. The new log is not to be used then; delete it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The export is damaged, cannot be read, or could not be written.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// There is a log already.
    #[error("the target already holds a log")]
    NotEmpty,
    /// The imported log does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The epoch could not be written.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl From<LogFault> for ImportError {
    fn from(fault: LogFault) -> Self {
        Self::Append(fault.into())
    }
}

/// Fills the empty `stores` from a whole export and starts a new epoch, signed by `key`. When `key` is not the one
/// that signed the export, the report of every later verification says that this key was not vouched for.
///
/// # Errors
/// As [`ImportError`] says.
pub fn import(
    reader: impl Read,
    stores: impl Into<Stores>,
    key: LogKey,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Appender, Report), ImportError> {
    let (log, report) = fill(reader, stores.into(), key, clock, progress)?;
    log.begin_epoch("import")?;
    log.tree().checkpoint()?;
    Ok((log, report))
}

/// As [`import`], for a server that goes back to what it was: the new epoch begins far behind
/// ([`Appender::begin_epoch_apart`]), because clients know positions of what was lost.
///
/// # Errors
/// As [`ImportError`] says.
pub fn restore(
    reader: impl Read,
    stores: impl Into<Stores>,
    key: LogKey,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Appender, Report), ImportError> {
    let (log, report) = fill(reader, stores.into(), key, clock, progress)?;
    log.begin_epoch_apart("restore")?;
    log.tree().checkpoint()?;
    Ok((log, report))
}

fn fill(
    reader: impl Read,
    stores: Stores,
    key: LogKey,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Appender, Report), ImportError> {
    if stores.records.head()?.is_some() {
        return Err(ImportError::NotEmpty);
    }
    let (records, tree) = (stores.records.as_ref(), stores.tree.as_ref());
    let mut target = Target { records, tree, head: None, pending: Vec::new(), size: 0, leaves: Vec::new() };
    let report = verify_lines(reader, &mut whole, &mut |items| target.take(items), progress)?;
    target.flush()?;
    let log = Appender::imported(stores, key, &report.origin, clock, report.tip);
    Ok((log, report))
}

fn whole(manifest: &Manifest) -> Result<(), String> {
    let whole = manifest.stream.is_none() && manifest.from == Position(1) && manifest.to == manifest.head.position;
    if whole { Ok(()) } else { Err("only a whole export can be imported; this is one of a part".to_owned()) }
}

/// The new log while it fills.
struct Target<'a> {
    records: &'a dyn RecordStore,
    tree: &'a dyn TreeStore,
    head: Option<Position>,
    pending: Vec<Record>,
    /// Size of the tree that is stored.
    size: u64,
    /// Hashes of the headers since then.
    leaves: Vec<[u8; 32]>,
}

impl Target<'_> {
    fn take(&mut self, items: Vec<Item>) -> Result<(), AppendError> {
        for item in items {
            match item {
                Item::Record(record, hash) => {
                    self.pending.push(*record);
                    self.leaves.push(hash);
                    if self.pending.len() == MAX_BATCH_RECORDS {
                        self.flush()?;
                    }
                }
                Item::Checkpoint(checkpoint) => {
                    self.flush()?;
                    let growth = tree::grow(self.tree, self.size, &self.leaves)?;
                    self.tree.extend(growth.first, &growth.nodes, &checkpoint)?;
                    self.size = checkpoint.size;
                    self.leaves.clear();
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), AppendError> {
        let Some(last) = self.pending.last().map(Record::position) else { return Ok(()) };
        let batch = Batch { records: std::mem::take(&mut self.pending), erase: Vec::new() };
        self.records.append(&batch, self.head)?;
        self.head = Some(last);
        Ok(())
    }
}
