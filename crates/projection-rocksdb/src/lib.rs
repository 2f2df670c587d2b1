//! Rows of the views on RocksDB: one folder, one column family, row and cursor in one batch.
//!
//! Not the record log and never in one database with it: these rows can be thrown away and folded again.
//!
//! # Why there is no write-ahead log
//! The record log already is one. Commits go to the memtable only; when it is full, or at [`RowStore::flush`] and at an
//! orderly close, RocksDB writes it out as one file and names the file in its manifest. A batch never spans two
//! memtables, memtables are written out in order, and there is only one column family, so what a crash leaves is
//! the rows and cursors exactly as they were after some earlier commit. The runner then folds the missing tail again:
//! never more than fits into the write buffers, which is about a second. A write-ahead log, even unsynced, would
//! write everything twice to save that second.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, io};

use parking_lot::{ArcRwLockReadGuard, RawRwLock, RwLock};
use projection::{NoRows, Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes};
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, DB, DBCompressionType, ErrorKind, LogLevel, LruCacheOptions, Options,
    ReadOptions, WriteBatch, WriteOptions,
};
use self_cell::self_cell;

const MIB: usize = 1 << 20;

/// Files kept open at most; each costs a descriptor and its pinned index.
const MAX_OPEN_FILES: i32 = 256;

/// Bits of bloom filter a key: about one needless read in a hundred.
const BLOOM_BITS_PER_KEY: f64 = 10.0;

/// The cache is cut into this power of two of shards. RocksDB's own choice makes them half a mebibyte, which one index
/// or filter fills: reads then took forty times as long.
const CACHE_SHARD_BITS: i32 = 2;

/// Rows that a scan may have to pass over because they were deleted or overwritten, before RocksDB tidies up: queues,
/// such as a device's inbox, are read from their front, where everything is deleted.
const PASSED_OVER_MAX: usize = 512;

/// How much memory the store may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of uncompressed blocks, indexes and filters held for reading.
    pub block_cache_bytes: usize,
    /// Bytes of rows gathered before they are written out; there are at most two such buffers. They bound how much is
    /// folded again after a crash.
    pub write_buffer_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { block_cache_bytes: 16 * MIB, write_buffer_bytes: 16 * MIB }
    }
}

/// How long reopening waits for snapshots that are still held.
const SNAPSHOTS_WAIT: Duration = Duration::from_secs(5);

/// How long a purge waits for those who still read what was there before, and between two looks.
const OLD_SNAPSHOTS_WAIT: Duration = Duration::from_secs(30);
const OLD_SNAPSHOTS_PAUSE: Duration = Duration::from_millis(20);
/// RocksDB's name for the number of the oldest snapshot; 0 when there is none.
const OLDEST_SNAPSHOT: &str = "rocksdb.oldest-snapshot-sequence";
/// Every edit begins a new manifest. What an older one says of files that are gone is gone with it.
const MANIFEST: &str = "max_manifest_file_size=1;max_manifest_space_amp_pct=0";

/// A [`RowStore`] in a folder of its own.
pub struct RocksRows {
    folder: PathBuf,
    settings: Settings,
    /// None after it could not be opened anew. Snapshots share the lock, so that it is not closed under them.
    db: Arc<RwLock<Option<DB>>>,
    unlogged: WriteOptions,
}

impl RocksRows {
    /// Opens the rows in `folder`, which is created if it is not there. A folder that is open in another process is a
    /// fault; one that lacks files or has others than RocksDB wrote is to be rebuilt.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, ViewFault> {
        let db = open(folder, settings)?;
        let mut unlogged = WriteOptions::default();
        unlogged.disable_wal(true);
        Ok(Self { folder: folder.to_owned(), settings, db: Arc::new(RwLock::new(Some(db))), unlogged })
    }

    /// Calls `work` with the database, if it is open.
    fn with_db<T>(&self, work: impl FnOnce(&DB) -> Result<T, ViewFault>) -> Result<T, ViewFault> {
        self.db.read().as_ref().map_or_else(|| Err(NoRows::fault()), work)
    }

    /// Deletes the rows in `folder`, so that they are folded again from the log: the way out of a damaged folder. Says
    /// whether they are gone: nothing is done while a process, this one or another, has them open.
    pub fn discard(folder: &Path) -> Result<bool, ViewFault> {
        let undeleted = |error: Box<dyn Error + Send + Sync>| {
            ViewFault::caused(format!("the views in {} cannot be deleted", folder.display()), error)
        };
        match DB::destroy(&Options::default(), folder) {
            Err(error) if is_held(&error) => return Ok(false),
            destroyed => destroyed.map_err(|error| undeleted(error.into()))?,
        }
        // RocksDB leaves what it does not know for its own, as in a folder that was copied by hand.
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(undeleted(error.into())),
            _ => Ok(true),
        }
    }

    /// Makes deleted and overwritten rows leave the files now. What is unchanged below the upper levels is not rewritten.
    ///
    /// # Errors
    /// When the rows in memory cannot be written out.
    pub fn purge_deleted(&self) -> Result<(), ViewFault> {
        RowStore::flush(self)?;
        self.outwait_snapshots()?;
        self.with_db(|db| {
            db.compact_range::<&[u8], &[u8]>(None, None);
            Ok(())
        })?;
        // The manifest names the first and the last key of each file, and a key may be somebody's name. The next file makes it begin anew
        // with those that there are now. No row has the empty key.
        let mut nothing = WriteBatch::default();
        nothing.delete([]);
        self.write(nothing)?;
        RowStore::flush(self)
    }

    /// Waits until nobody reads from before now: what they may still read is kept by compaction.
    #[expect(
        clippy::disallowed_methods,
        reason = "RocksDB tells nobody when a snapshot ends, and a purge has a thread of its own"
    )]
    fn outwait_snapshots(&self) -> Result<(), ViewFault> {
        let now = self.with_db(|db| Ok(db.latest_sequence_number()))?;
        let until = Instant::now() + OLD_SNAPSHOTS_WAIT;
        loop {
            let oldest = self.with_db(|db| {
                let oldest = db.property_int_value(OLDEST_SNAPSHOT);
                oldest.map_err(|error| fault("the oldest snapshot is not known", error))
            })?;
            // There is none, or none that is older.
            if oldest.is_none_or(|oldest| oldest == 0 || oldest >= now) {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(ViewFault::new("rows are still read as they were before").with_remedy(Remedy::Reopen));
            }
            std::thread::sleep(OLD_SNAPSHOTS_PAUSE);
        }
    }

    /// Gives up what runs in the background, so that [`RocksRows::purge_deleted`] returns soon. For the end of a process.
    pub fn stop_upkeep(&self) {
        if let Some(db) = &*self.db.read() {
            db.cancel_all_background_work(false);
        }
    }

    fn write(&self, batch: WriteBatch) -> Result<(), ViewFault> {
        self.with_db(|db| db.write_opt(batch, &self.unlogged).map_err(|error| fault("rows could not be written", error)))
    }
}

fn options(settings: Settings) -> Result<Options, rocksdb::Error> {
    let mut cache = LruCacheOptions::default();
    cache.set_capacity(settings.block_cache_bytes);
    cache.set_num_shard_bits(CACHE_SHARD_BITS);
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&Cache::new_lru_cache_opts(&cache));
    // Indexes and filters count against the cache, so that its size is the bound on memory for reading. They are cut
    // into small parts, or the few that a big store reads would push each other out.
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    blocks.set_partition_filters(true);
    blocks.set_pin_top_level_index_and_filter(true);
    blocks.set_bloom_filter(BLOOM_BITS_PER_KEY, false);

    let mut options = Options::default().get_options_from_string(MANIFEST)?;
    options.create_if_missing(true);
    options.set_block_based_table_factory(&blocks);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_write_buffer_size(settings.write_buffer_bytes);
    options.set_max_write_buffer_number(2);
    // Most gets of a fold ask for rows that were written lately or were never there; this filter answers the latter.
    options.set_memtable_prefix_bloom_ratio(0.05);
    options.set_memtable_whole_key_filtering(true);
    // The same for files: one in which half of any stretch is deletions is compacted soon.
    options.add_compact_on_deletion_collector_factory(PASSED_OVER_MAX, PASSED_OVER_MAX / 2, 0.5);
    // There is one writer, the runner.
    options.set_allow_concurrent_memtable_write(false);
    options.set_max_background_jobs(2);
    options.set_max_open_files(MAX_OPEN_FILES);
    options.set_target_file_size_base(16 * MIB as u64);
    options.set_max_bytes_for_level_base(64 * MIB as u64);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_max_log_file_size(MIB);
    options.set_stats_dump_period_sec(0);
    Ok(options)
}

fn open(folder: &Path, settings: Settings) -> Result<DB, ViewFault> {
    let unopened = |error: rocksdb::Error| {
        let remedy = if is_passing(&error) { Remedy::Reopen } else { Remedy::Rebuild };
        ViewFault::caused(format!("the views in {} do not open", folder.display()), error).with_remedy(remedy)
    };
    let db = options(settings).and_then(|options| DB::open(&options, folder)).map_err(unopened)?;
    // A memtable is written out, and so relieved of dead rows, when a scan meets too many of them.
    let passed_over_max = PASSED_OVER_MAX.to_string();
    db.set_options(&[("memtable_op_scan_flush_trigger", &passed_over_max)]).map_err(unopened)?;
    Ok(db)
}

/// A snapshot; none of a database that is not open.
type Snapshot<'d> = Option<rocksdb::Snapshot<'d>>;

self_cell!(
    /// A snapshot, and the lock that keeps its database from being closed.
    struct RocksSnapshot {
        owner: ArcRwLockReadGuard<RawRwLock, Option<DB>>,
        #[covariant]
        dependent: Snapshot,
    }
);

impl RocksSnapshot {
    fn snapshot(&self) -> Result<&rocksdb::Snapshot<'_>, ViewFault> {
        self.borrow_dependent().as_ref().ok_or_else(NoRows::fault)
    }
}

fn unreadable(error: rocksdb::Error) -> ViewFault {
    fault("rows could not be read", error)
}

/// Whether a folder does not open because a process has it open. RocksDB says so in words alone.
fn is_held(error: &rocksdb::Error) -> bool {
    error.kind() == ErrorKind::IOError && error.as_ref().contains("lock")
}

/// Whether a folder may open later as it is. RocksDB has no word of its own for a lack of descriptors or room.
fn is_passing(error: &rocksdb::Error) -> bool {
    is_held(error)
        || ["Too many open files", "No space left", "File too large"].iter().any(|why| error.as_ref().contains(why))
}

fn fault(context: &str, error: rocksdb::Error) -> ViewFault {
    let remedy = if error.kind() == ErrorKind::Corruption { Remedy::Rebuild } else { Remedy::Reopen };
    ViewFault::caused(context, error).with_remedy(remedy)
}

impl Rows for RocksSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        self.snapshot()?.get(key).map_err(unreadable)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        if from >= to {
            return Ok(());
        }
        let mut bounds = ReadOptions::default();
        bounds.set_iterate_lower_bound(from);
        bounds.set_iterate_upper_bound(to);
        let mut rows = self.snapshot()?.raw_iterator_opt(bounds);
        match order {
            Order::Ascending => rows.seek_to_first(),
            Order::Descending => rows.seek_to_last(),
        }
        while let Some((key, value)) = rows.item() {
            if let ControlFlow::Break(()) = visit(key, value) {
                return Ok(());
            }
            match order {
                Order::Ascending => rows.next(),
                Order::Descending => rows.prev(),
            }
        }
        rows.status().map_err(unreadable)
    }
}

impl RowStore for RocksRows {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        // Whoever opens it anew has the lock, or waits for it: then nobody else begins to read.
        match self.db.try_read_arc() {
            Some(open) => Box::new(RocksSnapshot::new(open, |db| db.as_ref().map(DB::snapshot))),
            None => Box::new(NoRows),
        }
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        let mut batch = WriteBatch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.put(key, value),
                None => batch.delete(key),
            }
        }
        self.write(batch)
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        let mut batch = WriteBatch::default();
        batch.delete_range(from, to);
        self.write(batch)
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.with_db(|db| db.flush().map_err(|error| fault("rows could not be flushed", error)))
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        let Some(mut db) = self.db.try_write_for(SNAPSHOTS_WAIT) else {
            let fault = ViewFault::new("the views are still being read and cannot be opened anew");
            return Err(fault.with_remedy(remedy));
        };
        drop(db.take());
        if remedy == Remedy::Rebuild && !Self::discard(&self.folder)? {
            return Err(ViewFault::new("the views are held by another process").with_remedy(remedy));
        }
        *db = Some(open(&self.folder, self.settings)?);
        Ok(())
    }
}
