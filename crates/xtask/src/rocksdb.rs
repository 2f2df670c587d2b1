//! RocksDB as one library, compiled once a machine and outside cargo.
//!
//! The crate `librocksdb-sys` would compile RocksDB's 342 C++ sources one by one, again for each profile and each target
//! folder: 22 minutes of processor time. Here the same sources of the same crate are compiled as a few files that include
//! the others, which takes a fifth of that. The crate takes the result through its own variables `ROCKSDB_LIB_DIR` and
//! `ROCKSDB_STATIC`; it still generates its bindings from its own headers, so the two cannot drift apart.
//! Without these variables, as in a plain `cargo build`, the crate compiles RocksDB by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::hash::Hasher;
use crate::jobs::Report;
use crate::{lock, packages, paths, process};

mod unity;

/// The crates whose sources are compiled or included: RocksDB, and the compression it is built with.
const ROCKSDB: &str = "librocksdb-sys";
const LZ4: &str = "lz4-sys";
/// The library's file name, as the crate looks for it.
const LIBRARY: &str = "librocksdb.a";
/// What RocksDB needs of the C++ library goes into the program, if the compiler has it in that form: a linker looks beside RocksDB first. It is
/// a megabyte less in memory than the whole, and a system that has no C++ library can run the program.
const RUNTIME: &str = "libstdc++.a";
/// What one compiler takes at most; with less memory for each, fewer run at once.
const MEMORY_FOR_EACH_MB: u64 = 2000;

/// How every file is compiled: the definitions that the crate's build script makes on Linux, for its feature `lz4`.
const FLAGS: &[&str] = &[
    "-std=c++20",
    "-O2",
    "-fPIC",
    "-ffunction-sections",
    "-fdata-sections",
    "-w",
    "-include",
    "cstdint",
    "-DNDEBUG=1",
    "-DLZ4=1",
    "-DHAVE_ALIGNED_NEW",
    "-DHAVE_UINT128_EXTENSION",
    "-DOS_LINUX",
    "-DROCKSDB_PLATFORM_POSIX",
    "-DROCKSDB_LIB_IO_POSIX",
    "-DROCKSDB_SCHED_GETCPU_PRESENT",
    "-DROCKSDB_AUXV_GETAUXVAL_PRESENT",
    "-DROCKSDB_FALLOCATE_PRESENT",
    "-DROCKSDB_RANGESYNC_PRESENT",
];

/// Instructions that only the checksum's own file may use, so that nothing of them runs before `main` has looked at the
/// processor (`crates/server/src/processor.rs`).
const CHECKSUM_FLAGS: &[&str] = match std::env::consts::ARCH.as_bytes() {
    b"x86_64" => &["-msse4.2", "-mpclmul"],
    b"aarch64" => &["-march=armv8-a+crc+crypto"],
    _ => &[],
};

/// Lets `command` build crates that link RocksDB against the library, where there is one for this system.
pub(crate) fn offer(command: &mut Command) -> Result<()> {
    if let Some(folder) = folder()? {
        command.env("ROCKSDB_LIB_DIR", folder).env("ROCKSDB_STATIC", "1");
    }
    Ok(())
}

/// Whether [`build`] has something to do.
pub(crate) fn is_missing() -> Result<bool> {
    Ok(folder()?.is_some_and(|folder| !folder.join(LIBRARY).is_file()))
}

/// Compiles the library unless it is there.
pub(crate) fn build(report: &Report) -> Result<()> {
    let Some(folder) = folder()?.filter(|folder| !folder.join(LIBRARY).is_file()) else { return Ok(()) };
    report.say("fetching its sources");
    let sources = Sources::find()?;
    let work = folder.with_extension("unfinished");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("removing {}", work.display()))?;
    }
    fs::create_dir_all(&work).with_context(|| format!("creating {}", work.display()))?;
    let units = unity::write(&sources.rocksdb, &work)?;
    let commands: Vec<Command> = units.iter().map(|unit| sources.compile(unit, &work)).collect();
    report.run_side_by_side(commands, MEMORY_FOR_EACH_MB)?;
    let mut archive = process::command("ar");
    archive.arg("crs").arg(LIBRARY).args(units.iter().map(unity::Unit::object)).current_dir(&work);
    report.run(&mut archive)?;
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    if let Some(runtime) = runtime() {
        fs::copy(&runtime, folder.join(RUNTIME)).with_context(|| format!("copying {}", runtime.display()))?;
    }
    // Renamed last, so that a library that is there is whole.
    fs::rename(work.join(LIBRARY), folder.join(LIBRARY)).context("putting the library in its place")?;
    fs::remove_dir_all(&work).with_context(|| format!("removing {}", work.display()))
}

/// The library's folder in the cache, named by everything that decides what the library is. None on a system whose flags
/// are not known here: there the crate compiles RocksDB itself.
fn folder() -> Result<Option<PathBuf>> {
    if std::env::consts::OS != "linux" {
        return Ok(None);
    }
    let mut hasher = Hasher::new();
    for package in [ROCKSDB, LZ4] {
        hasher.add(package, lock::identity("Cargo.lock", package)?.as_bytes());
    }
    for question in ["--version", "-dumpmachine"] {
        hasher.add(question, process::probe(process::command(compiler()).arg(question)).unwrap_or_default().as_bytes());
    }
    hasher.add("runtime", RUNTIME.as_bytes());
    hasher.add("flags", FLAGS.iter().chain(CHECKSUM_FLAGS).copied().collect::<Vec<_>>().join(" ").as_bytes());
    Ok(Some(paths::cache("rocksdb")?.join(hasher.short())))
}

/// Where the compiler has [`RUNTIME`]; it answers with the bare name if it has none.
fn runtime() -> Option<PathBuf> {
    let answer = process::probe(process::command(compiler()).arg(format!("-print-file-name={RUNTIME}")))?;
    let path = PathBuf::from(answer.trim());
    path.is_absolute().then_some(path)
}

/// The C++ compiler, which `CXX` can name.
fn compiler() -> String {
    std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned())
}

/// Where cargo keeps the crates' sources.
struct Sources {
    /// The folder of `librocksdb-sys`, which holds RocksDB in `rocksdb/`.
    rocksdb: PathBuf,
    lz4: PathBuf,
}

impl Sources {
    fn find() -> Result<Self> {
        Ok(Self { rocksdb: packages::sources_of(ROCKSDB)?, lz4: packages::sources_of(LZ4)? })
    }

    /// The compiler's command for one unit; the object is written into `work`.
    fn compile(&self, unit: &unity::Unit, work: &Path) -> Command {
        let mut command = process::command(compiler());
        command.args(FLAGS).current_dir(work);
        if unit.is_checksum {
            command.args(CHECKSUM_FLAGS);
        }
        let inside = ["rocksdb/include", "rocksdb", "rocksdb/third-party/gtest-1.8.1/fused-src", "."];
        for folder in inside.map(|folder| self.rocksdb.join(folder)).iter().chain([&self.lz4.join("liblz4/lib")]) {
            command.arg("-I").arg(folder);
        }
        command.arg("-c").arg(&unit.source).arg("-o").arg(unit.object());
        command
    }
}
