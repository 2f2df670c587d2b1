//! The folder: one database handle, how it is opened, copied, purged and opened again after a failure.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use event_log::{AppendError, LogFault, Position};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{DB, Options, WriteBatch};

use crate::database::{family, handle, last_key};
use crate::fault::{closed, is_full, storage};
use crate::open_error::OpenError;
use crate::options::{self, HEADERS, PAYLOADS, Settings};
use crate::secondary;

/// The pause between two attempts of readers to open a log again.
const OPENING_PAUSE: Duration = Duration::from_millis(100);

/// A log in a folder.
pub struct RocksLog {
    path: PathBuf,
    settings: Settings,
    /// Folder for a secondary's own notes; then the log can only be read.
    pub(crate) secondary: bool,
    /// Empty only while, or after, opening again has failed.
    database: RwLock<Option<DB>>,
    /// When a reader last tried to open it again.
    tried_at: Mutex<Option<Instant>>,
    /// Serialises appends; position of the last record that is known.
    pub(crate) head: Mutex<Option<Position>>,
}

impl std::fmt::Debug for RocksLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RocksLog").field("path", &self.path).field("secondary", &self.secondary).finish_non_exhaustive()
    }
}

impl RocksLog {
    /// Opens the log in the folder `path`, making it when there is none.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, Settings::default())
    }

    /// As [`RocksLog::open`], with other bounds.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open_with(path: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let database = open_primary(&path, &settings).map_err(|error| OpenError::of(&path, &error))?;
        let head = last_key(&database, HEADERS).map(|head| head.map(Position));
        Self::with(path, settings, database, false, head)
    }

    /// Opens a folder that a server may be writing, for reading only. What is written later is seen from the next
    /// [`RecordStore::head`](event_log::RecordStore::head) on. `scratch` is a folder for RocksDB's own notes; the caller deletes it afterwards.
    ///
    /// # Errors
    /// As [`OpenError`] says; it is never `Locked`.
    pub fn open_secondary(path: impl AsRef<Path>, scratch: impl AsRef<Path>) -> Result<Self, OpenError> {
        let (path, settings) = (path.as_ref().to_owned(), Settings::default());
        let mut options = options::database(&settings);
        options.create_if_missing(false);
        options.create_missing_column_families(false);
        // A secondary must hold every file open, for the primary may delete any of them.
        options.set_max_open_files(-1);
        let families = options::families(&settings);
        let opened = DB::open_cf_descriptors_as_secondary(&options, &path, &scratch.as_ref().to_owned(), families);
        let database = opened.map_err(|error| OpenError::of(&path, &error))?;
        let head = secondary::catch_up(&database);
        Self::with(path, settings, database, true, head)
    }

    fn with(
        path: PathBuf,
        settings: Settings,
        database: DB,
        secondary: bool,
        head: Result<Option<Position>, LogFault>,
    ) -> Result<Self, OpenError> {
        let head = head.map_err(|fault| OpenError::Storage { path: path.clone(), what: fault.to_string() })?;
        Ok(Self {
            path,
            settings,
            secondary,
            database: RwLock::new(Some(database)),
            tried_at: Mutex::default(),
            head: Mutex::new(head),
        })
    }

    /// Copies the log as it is now into a new folder, while it may be written. Files are linked where the file
    /// system can.
    ///
    /// # Errors
    /// When the folder exists or cannot be written.
    pub fn backup(&self, target: impl AsRef<Path>) -> Result<(), LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let checkpoint = Checkpoint::new(database).map_err(|error| storage(&error))?;
        checkpoint.create_checkpoint(target).map_err(|error| storage(&error))
    }

    /// Bytes of the log's files on disk, without the write-ahead log.
    ///
    /// # Errors
    /// When RocksDB does not answer.
    pub fn disk_bytes(&self) -> Result<u64, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut bytes = 0;
        for name in options::FAMILIES {
            let size = database.property_int_value_cf(family(database, name)?, "rocksdb.total-sst-files-size");
            bytes += size.map_err(|error| storage(&error))?.unwrap_or(0);
        }
        Ok(bytes)
    }

    /// Bytes that the file system of the log has left.
    ///
    /// # Errors
    /// When the file system does not say.
    pub fn free_bytes(&self) -> std::io::Result<u64> {
        fs4::available_space(&self.path)
    }

    /// Gives up what runs in the background, so that [`RocksLog::purge_erased`] returns soon. For the end of a process:
    /// afterwards nothing is compacted any more.
    ///
    /// # Errors
    /// When the database is not open.
    pub fn stop_upkeep(&self) -> Result<(), LogFault> {
        let guard = self.database.read();
        handle(&guard)?.cancel_all_background_work(false);
        Ok(())
    }

    /// Makes erased payloads leave the disk now: from the write-ahead log and from the files that held them.
    ///
    /// # Errors
    /// When RocksDB does not answer.
    pub fn purge_erased(&self) -> Result<(), LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        // The write-ahead log goes only when every column family in it has been flushed.
        for name in options::FAMILIES {
            database.flush_cf(family(database, name)?).map_err(|error| storage(&error))?;
        }
        database.compact_range_cf(family(database, PAYLOADS)?, None::<&[u8]>, None::<&[u8]>);
        Ok(())
    }

    /// The handle as it is. For whoever holds `head`.
    pub(crate) fn database(&self) -> RwLockReadGuard<'_, Option<DB>> {
        self.database.read()
    }

    /// The handle, opened again if that has failed before: whoever reads first after the disk or the descriptors came back does
    /// it, for a lane reads before it appends. Not for whoever holds `head`.
    pub(crate) fn opened(&self) -> Result<RwLockReadGuard<'_, Option<DB>>, LogFault> {
        let guard = self.database.read();
        if guard.is_some() {
            return Ok(guard);
        }
        drop(guard);
        let mut head = self.head.lock();
        if self.database().is_none() {
            let mut tried_at = self.tried_at.lock();
            if tried_at.is_some_and(|at| at.elapsed() < OPENING_PAUSE) {
                return Err(closed());
            }
            *tried_at = Some(Instant::now());
            *head = self.open_again().map_err(|_| closed())?;
        }
        drop(head);
        Ok(self.database.read())
    }

    /// Refuses before RocksDB is touched: what is there stays readable, and flushes and compaction keep their room.
    pub(crate) fn check_room(&self, batch: &WriteBatch) -> Result<(), AppendError> {
        if self.secondary {
            return Err(LogFault::Storage("this log was opened for reading only".to_owned()).into());
        }
        let free = self.free_bytes().map_err(|error| AppendError::Unavailable(error.to_string()))?;
        let needed = self.settings.reserve_bytes.saturating_add(2 * batch.size_in_bytes() as u64);
        if free < needed { Err(AppendError::Full) } else { Ok(()) }
    }

    pub(crate) fn write(&self, batch: WriteBatch, sync: bool) -> Result<(), AppendError> {
        let guard = self.database();
        let database = handle(&guard)?;
        let written = if sync { database.write_opt(batch, &options::synced()) } else { database.write(batch) };
        written.map_err(|error| if is_full(&error) { AppendError::Full } else { storage(&error).into() })
    }

    /// After a failed write RocksDB refuses further ones; opening again tells what really reached the disk.
    pub(crate) fn open_again(&self) -> Result<Option<Position>, AppendError> {
        let mut guard = self.database.write();
        drop(guard.take());
        let database = open_primary(&self.path, &self.settings).map_err(|error| {
            if is_full(&error) { AppendError::Full } else { AppendError::Unavailable(error.to_string()) }
        })?;
        let head = last_key(&database, HEADERS)?.map(Position);
        *guard = Some(database);
        Ok(head)
    }
}

fn open_primary(path: &Path, settings: &Settings) -> Result<DB, rocksdb::Error> {
    let options: Options = options::database(settings);
    DB::open_cf_descriptors(&options, path, options::families(settings))
}

#[cfg(test)]
mod tests;
