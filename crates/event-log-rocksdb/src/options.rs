//! How RocksDB is tuned: little memory, no lost acknowledged write, the log's keys only ever grow.

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, DBRecoveryMode, LogLevel, LruCacheOptions, Options,
    ReadOptions, WriteOptions,
};

pub(crate) const HEADERS: &str = "headers";
pub(crate) const PAYLOADS: &str = "payloads";
pub(crate) const BY_STREAM: &str = "by_stream";
pub(crate) const TREE: &str = "tree";
pub(crate) const CHECKPOINTS: &str = "checkpoints";
pub(crate) const FAMILIES: [&str; 5] = [HEADERS, PAYLOADS, BY_STREAM, TREE, CHECKPOINTS];

const MIB: usize = 1 << 20;
/// Erased payloads leave the disk with the next compaction of their file; this bounds how long that may take.
const ERASED_GONE_AFTER_S: u64 = 7 * 24 * 3600;
/// A file with this many erased payloads among this many rows is compacted at once.
const ERASED_WINDOW: usize = 4_096;
const ERASED_TRIGGER: usize = 1_024;

/// Memory and disk that the log's storage may take.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bytes of recent writes held in memory, over all column families.
    pub write_buffer_bytes: usize,
    /// Bytes of blocks kept for reading.
    pub block_cache_bytes: usize,
    /// Free disk space in bytes below which appends answer `Full`, so that compaction and views can still breathe.
    pub reserve_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { write_buffer_bytes: 16 * MIB, block_cache_bytes: 4 * MIB, reserve_bytes: 64 * MIB as u64 }
    }
}

pub(crate) fn database(settings: &Settings) -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    // A write that the power cut short is dropped, it was never acknowledged; damage before the end is an error.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_paranoid_checks(true);
    options.set_db_write_buffer_size(settings.write_buffer_bytes);
    options.set_max_total_wal_size(4 * settings.write_buffer_bytes as u64);
    options.set_max_background_jobs(2);
    options.set_max_open_files(256);
    options.set_bytes_per_sync(MIB as u64);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_max_log_file_size(MIB);
    options.set_stats_dump_period_sec(0);
    options
}

pub(crate) fn families(settings: &Settings) -> Vec<ColumnFamilyDescriptor> {
    // A small cache must not be cut into shards: one index block would fill a shard and push everything else out.
    let mut cache = LruCacheOptions::default();
    cache.set_capacity(settings.block_cache_bytes);
    cache.set_num_shard_bits(0);
    let cache = Cache::new_lru_cache_opts(&cache);
    FAMILIES.map(|name| ColumnFamilyDescriptor::new(name, family(name, settings, &cache))).into()
}

fn family(name: &str, settings: &Settings, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_cache_index_and_filter_blocks(true);
    table.set_format_version(5);
    table.set_block_size(16 << 10);
    let mut options = Options::default();
    options.set_block_based_table_factory(&table);
    options.set_write_buffer_size(settings.write_buffer_bytes / 2);
    options.set_max_write_buffer_number(2);
    options.set_level_compaction_dynamic_level_bytes(true);
    // Hashes do not compress.
    let packing = if name == TREE { DBCompressionType::None } else { DBCompressionType::Lz4 };
    options.set_compression_type(packing);
    if name == PAYLOADS {
        options.add_compact_on_deletion_collector_factory(ERASED_WINDOW, ERASED_TRIGGER, 0.0);
        options.set_periodic_compaction_seconds(ERASED_GONE_AFTER_S);
    }
    options
}

pub(crate) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}

/// Reads of many rows in order leave the cache to those who look up single ones.
pub(crate) fn scan(rows: usize) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.fill_cache(rows < 64);
    options
}
