//! `cargo xtask rocksdb`: RocksDB alone, compiled once a machine.

use anyhow::Result;

use crate::{jobs, needs, rocksdb, ui};

pub(crate) fn run() -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    if !rocksdb::is_missing()? {
        ui::note("RocksDB was compiled before, from the same sources and by the same compiler");
        return Ok(());
    }
    ui::step("compiling RocksDB");
    jobs::run_one("RocksDB", rocksdb::build)
}

/// Makes sure that RocksDB is there before cargo compiles something that links it.
pub(crate) fn ensure() -> Result<()> {
    if rocksdb::is_missing()? { run() } else { needs::ensure(needs::NATIVE) }
}
