//! The backend itself: one database handle, appends one at a time, reads at any time.

use std::path::{Path, PathBuf};

use event_log::{AppendError, Backend, Batch, Fault, Header, Position, Record, StoredCheckpoint};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{ColumnFamily, DB, DBRawIterator, Options, WriteBatch};

use crate::options::{self, BY_STREAM, CHECKPOINTS, HEADERS, PAYLOADS, Settings, TREE};
use crate::rows;

/// Why a folder does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another process; a folder has one server at a time", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// RocksDB found something broken.
    #[error("{} is damaged: {what}. Restore it from a backup, or import an export", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What RocksDB says.
        what: String,
    },
    /// Anything else: rights, no folder, no room.
    #[error("{} cannot be opened: {what}", path.display())]
    Storage {
        /// The folder.
        path: PathBuf,
        /// What RocksDB says.
        what: String,
    },
}

impl OpenError {
    fn of(path: &Path, error: &rocksdb::Error) -> Self {
        let (path, what) = (path.to_owned(), error.to_string());
        // RocksDB tells a held lock and a disk error apart only in the text.
        if what.contains("LOCK: Resource temporarily unavailable") || what.contains("lock hold by current process") {
            Self::Locked { path }
        } else if error.kind() == rocksdb::ErrorKind::Corruption {
            Self::Damaged { path, what }
        } else {
            Self::Storage { path, what }
        }
    }
}

/// A log in a folder.
pub struct RocksLog {
    path: PathBuf,
    settings: Settings,
    /// Folder for a secondary's own notes; then the log can only be read.
    secondary: bool,
    /// Empty only while, or after, opening again has failed.
    database: RwLock<Option<DB>>,
    /// Serialises appends; position of the last record.
    head: Mutex<Option<Position>>,
}

impl std::fmt::Debug for RocksLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RocksLog").field("path", &self.path).field("secondary", &self.secondary).finish_non_exhaustive()
    }
}

fn storage(error: &rocksdb::Error) -> Fault {
    Fault::Storage(error.to_string())
}

/// RocksDB found a broken block while rows were read in order: the record after the last whole one is in it.
fn unreadable(error: &rocksdb::Error, position: Position) -> Fault {
    if error.kind() == rocksdb::ErrorKind::Corruption {
        Fault::Damaged { position, what: error.to_string() }
    } else {
        storage(error)
    }
}

fn is_full(error: &rocksdb::Error) -> bool {
    let text = error.as_ref();
    ["No space left on device", "NoSpace", "Disk quota exceeded", "File too large"].iter().any(|why| text.contains(why))
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
        Self::with(path, settings, database, false)
    }

    /// Opens a folder that a server may be writing, for reading only: what had been synced by now is seen, nothing
    /// later. `scratch` is a folder for RocksDB's own notes; the caller deletes it afterwards.
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
        Self::with(path, settings, database, true)
    }

    fn with(path: PathBuf, settings: Settings, database: DB, secondary: bool) -> Result<Self, OpenError> {
        let head = last_key(&database, HEADERS).map(|head| head.map(Position));
        let head = head.map_err(|fault| OpenError::Storage { path: path.clone(), what: fault.to_string() })?;
        Ok(Self { path, settings, secondary, database: RwLock::new(Some(database)), head: Mutex::new(head) })
    }

    /// Copies the log as it is now into a new folder, while it may be written. Files are linked where the file
    /// system can.
    ///
    /// # Errors
    /// When the folder exists or cannot be written.
    pub fn backup(&self, target: impl AsRef<Path>) -> Result<(), Fault> {
        let guard = self.database.read();
        let database = handle(&guard)?;
        let checkpoint = Checkpoint::new(database).map_err(|error| storage(&error))?;
        checkpoint.create_checkpoint(target).map_err(|error| storage(&error))
    }

    /// Bytes of the log's files on disk, without the write-ahead log.
    ///
    /// # Errors
    /// When RocksDB does not answer.
    pub fn disk_bytes(&self) -> Result<u64, Fault> {
        let guard = self.database.read();
        let database = handle(&guard)?;
        let mut bytes = 0;
        for name in options::FAMILIES {
            let size = database.property_int_value_cf(family(database, name)?, "rocksdb.total-sst-files-size");
            bytes += size.map_err(|error| storage(&error))?.unwrap_or(0);
        }
        Ok(bytes)
    }

    /// Gives up what runs in the background, so that [`RocksLog::purge_erased`] returns soon. For the end of a process:
    /// afterwards nothing is compacted any more.
    ///
    /// # Errors
    /// When the database is not open.
    pub fn stop_upkeep(&self) -> Result<(), Fault> {
        let guard = self.database.read();
        handle(&guard)?.cancel_all_background_work(false);
        Ok(())
    }

    /// Makes erased payloads leave the disk now: from the write-ahead log and from the files that held them.
    ///
    /// # Errors
    /// When RocksDB does not answer.
    pub fn purge_erased(&self) -> Result<(), Fault> {
        let guard = self.database.read();
        let database = handle(&guard)?;
        // The write-ahead log goes only when every column family in it has been flushed.
        for name in options::FAMILIES {
            database.flush_cf(family(database, name)?).map_err(|error| storage(&error))?;
        }
        database.compact_range_cf(family(database, PAYLOADS)?, None::<&[u8]>, None::<&[u8]>);
        Ok(())
    }

    /// Reads of one batch of rows share a handle. One that could not be opened again is tried by whoever comes next, readers
    /// as well: nothing is appended before the state that it is decided on has been read.
    fn database(&self) -> RwLockReadGuard<'_, Option<DB>> {
        let guard = self.database.read();
        if guard.is_some() {
            return guard;
        }
        drop(guard);
        // Whoever holds the head opens it already, or appends and will.
        if let Some(mut head) = self.head.try_lock() {
            // Who reads says that it is still closed.
            let _still_closed = self.open_if_closed(&mut head);
        }
        self.database.read()
    }

    /// Refuses before RocksDB is touched: what is there stays readable, and flushes and compaction keep their room.
    fn check_room(&self, batch: &WriteBatch) -> Result<(), AppendError> {
        if self.secondary {
            return Err(Fault::Storage("this log was opened for reading only".to_owned()).into());
        }
        let free = fs4::available_space(&self.path).map_err(|error| AppendError::Unavailable(error.to_string()))?;
        let needed = self.settings.reserve_bytes.saturating_add(2 * batch.size_in_bytes() as u64);
        if free < needed { Err(AppendError::Full) } else { Ok(()) }
    }

    fn write(&self, batch: WriteBatch, sync: bool) -> Result<(), AppendError> {
        let guard = self.database();
        let database = handle(&guard)?;
        let written = if sync { database.write_opt(batch, &options::synced()) } else { database.write(batch) };
        written.map_err(|error| if is_full(&error) { AppendError::Full } else { storage(&error).into() })
    }

    /// After a failed write RocksDB refuses further ones; opening again tells what really reached the disk.
    fn open_again(&self) -> Result<Option<Position>, AppendError> {
        let mut guard = self.database.write();
        drop(guard.take());
        let database = open_primary(&self.path, &self.settings).map_err(|error| {
            if is_full(&error) { AppendError::Full } else { AppendError::Unavailable(error.to_string()) }
        })?;
        let head = last_key(&database, HEADERS)?.map(Position);
        *guard = Some(database);
        Ok(head)
    }

    fn open_if_closed(&self, head: &mut Option<Position>) -> Result<(), AppendError> {
        if self.database.read().is_none() {
            *head = self.open_again()?;
        }
        Ok(())
    }

    fn records_at(&self, positions: &[Position]) -> Result<Vec<Record>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
        let mut records = Vec::with_capacity(positions.len());
        for position in positions {
            let key = position.0.to_be_bytes();
            let value = database.get_pinned_cf(headers, key).map_err(|error| unreadable(&error, *position))?;
            let missing = || Fault::Damaged { position: *position, what: "the header is missing".to_owned() };
            let (header, signature) = rows::header(*position, &value.ok_or_else(missing)?)?;
            let value = database.get_pinned_cf(payloads, key).map_err(|error| unreadable(&error, *position))?;
            let payload = rows::payload(*position, value.as_deref())?;
            records.push(Record { header, signature, payload });
        }
        Ok(records)
    }

    fn positions_of(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Position>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, BY_STREAM)?);
        rows.seek(rows::stream_key(stream, from));
        let mut positions = Vec::new();
        while let Some(position) = rows.key().and_then(|key| rows::stream_position(key, stream)) {
            if positions.len() == limit {
                break;
            }
            positions.push(position);
            rows.next();
        }
        rows.status().map_err(|error| storage(&error))?;
        Ok(positions)
    }

    fn scan(&self, from: Position, limit: usize) -> Result<Vec<Record>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let mut headers = database.raw_iterator_cf_opt(family(database, HEADERS)?, options::scan(limit));
        let mut payloads = database.raw_iterator_cf_opt(family(database, PAYLOADS)?, options::scan(limit));
        headers.seek(from.0.to_be_bytes());
        payloads.seek(from.0.to_be_bytes());
        let mut records = Vec::with_capacity(limit.min(4_096));
        while records.len() < limit
            && let Some((position, value)) = row(&headers)
        {
            let (header, signature) = rows::header(Position(position), value)?;
            while row(&payloads).is_some_and(|(at, _)| at < position) {
                payloads.next();
            }
            // A payload that cannot be read must not pass for one that was erased.
            payloads.status().map_err(|error| unreadable(&error, Position(position)))?;
            let value = row(&payloads).filter(|(at, _)| *at == position).map(|(_, value)| value);
            let payload = rows::payload(Position(position), value)?;
            records.push(Record { header, signature, payload });
            headers.next();
        }
        let next = records.last().map_or(from, |last: &Record| last.position().next());
        headers.status().map_err(|error| unreadable(&error, next))?;
        Ok(records)
    }
}

fn open_primary(path: &Path, settings: &Settings) -> Result<DB, rocksdb::Error> {
    let options: Options = options::database(settings);
    DB::open_cf_descriptors(&options, path, options::families(settings))
}

fn handle(guard: &Option<DB>) -> Result<&DB, Fault> {
    guard.as_ref().ok_or_else(|| Fault::Unavailable("the log could not be opened again after a failed write".to_owned()))
}

fn family<'a>(database: &'a DB, name: &str) -> Result<&'a ColumnFamily, Fault> {
    database.cf_handle(name).ok_or_else(|| Fault::Storage(format!("column family `{name}` is missing")))
}

fn row<'a>(rows: &'a DBRawIterator<'_>) -> Option<(u64, &'a [u8])> {
    rows.item().and_then(|(key, value)| Some((rows::number(key)?, value)))
}

fn last_key(database: &DB, name: &str) -> Result<Option<u64>, Fault> {
    let mut rows = database.raw_iterator_cf(family(database, name)?);
    rows.seek_to_last();
    rows.status().map_err(|error| storage(&error))?;
    Ok(rows.key().and_then(rows::number))
}

fn batch_of(database: &DB, batch: &Batch) -> Result<WriteBatch, Fault> {
    let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
    let by_stream = family(database, BY_STREAM)?;
    let mut write = WriteBatch::default();
    for record in &batch.records {
        let key = record.position().0.to_be_bytes();
        write.put_cf(headers, key, rows::header_value(record));
        if let Some(value) = rows::payload_value(&record.payload) {
            write.put_cf(payloads, key, value);
        }
        write.put_cf(by_stream, rows::stream_key(&record.header.stream, record.position()), []);
    }
    for position in &batch.erase {
        write.delete_cf(payloads, position.0.to_be_bytes());
    }
    Ok(write)
}

impl Backend for RocksLog {
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError> {
        let mut head = self.head.lock();
        self.open_if_closed(&mut head)?;
        if *head != expected {
            return Err(AppendError::Conflict);
        }
        let last = batch.records.last().map(Record::position).or(expected);
        let write = {
            let guard = self.database();
            batch_of(handle(&guard)?, batch)?
        };
        self.check_room(&write)?;
        if let Err(error) = self.write(write, true) {
            *head = self.open_again()?;
            // Opening has synced whatever it found in the write-ahead log: then the batch is whole after all.
            return if *head == last { Ok(()) } else { Err(error) };
        }
        *head = last;
        Ok(())
    }

    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, Fault> {
        match stream {
            Some(stream) => self.records_at(&self.positions_of(stream, from, limit)?),
            None if limit == 1 => {
                let found = self.records_at(&[from]);
                // A gap at `from`: the next one that is there.
                if matches!(found, Err(Fault::Damaged { .. })) { self.scan(from, 1) } else { found }
            }
            None => self.scan(from, limit),
        }
    }

    fn read_headers(&self, from: Position, limit: usize) -> Result<Vec<Header>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf_opt(family(database, HEADERS)?, options::scan(limit));
        rows.seek(from.0.to_be_bytes());
        let mut headers = Vec::with_capacity(limit.min(4_096));
        while headers.len() < limit
            && let Some((position, value)) = row(&rows)
        {
            headers.push(rows::header(Position(position), value)?.0);
            rows.next();
        }
        let next = headers.last().map_or(from, |last: &Header| last.position.next());
        rows.status().map_err(|error| unreadable(&error, next))?;
        Ok(headers)
    }

    fn head(&self) -> Result<Option<Position>, Fault> {
        Ok(*self.head.lock())
    }

    fn cut(&self, keep: Position) -> Result<(), Fault> {
        let mut head = self.head.lock();
        let records = self.scan(keep.next(), event_log::MAX_BATCH_RECORDS + 1)?;
        let guard = self.database();
        let database = handle(&guard)?;
        let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
        let by_stream = family(database, BY_STREAM)?;
        let mut write = WriteBatch::default();
        for record in records {
            let key = record.position().0.to_be_bytes();
            write.delete_cf(headers, key);
            write.delete_cf(payloads, key);
            write.delete_cf(by_stream, rows::stream_key(&record.header.stream, record.position()));
        }
        database.write_opt(write, &options::synced()).map_err(|error| storage(&error))?;
        *head = last_key(database, HEADERS)?.map(Position);
        Ok(())
    }

    fn extend_tree(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError> {
        let write = {
            let guard = self.database();
            let database = handle(&guard)?;
            let (tree, checkpoints) = (family(database, TREE)?, family(database, CHECKPOINTS)?);
            let mut write = WriteBatch::default();
            for (index, node) in (first..).zip(nodes) {
                write.put_cf(tree, index.to_be_bytes(), node);
            }
            write.put_cf(checkpoints, checkpoint.size.to_be_bytes(), rows::checkpoint_value(checkpoint));
            write
        };
        self.check_room(&write)?;
        self.write(write, false)
    }

    fn tree_nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let tree = family(database, TREE)?;
        let mut nodes = Vec::with_capacity(indexes.len());
        for index in indexes {
            let value = database.get_pinned_cf(tree, index.to_be_bytes()).map_err(|error| storage(&error))?;
            let node = value.and_then(|value| <[u8; 32]>::try_from(value.as_ref()).ok());
            nodes.push(node.ok_or_else(|| Fault::Storage(format!("tree node {index} is missing")))?);
        }
        Ok(nodes)
    }

    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, CHECKPOINTS)?);
        rows.seek(size.to_be_bytes());
        let mut checkpoints = Vec::new();
        while checkpoints.len() < limit
            && let Some((key, value)) = rows.item()
        {
            checkpoints.push(rows::checkpoint(key, value)?);
            rows.next();
        }
        rows.status().map_err(|error| storage(&error))?;
        Ok(checkpoints)
    }

    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, Fault> {
        let guard = self.database();
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, CHECKPOINTS)?);
        rows.seek_to_last();
        rows.status().map_err(|error| storage(&error))?;
        rows.item().map(|(key, value)| rows::checkpoint(key, value)).transpose()
    }
}
