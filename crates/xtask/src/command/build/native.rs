//! The jobs that compile the server without a web client, and RocksDB before it.

use anyhow::Result;

use crate::jobs::{Job, Priority, Report};
use crate::targets::Profile;
use crate::{native_cargo, rocksdb};

/// The names of the jobs.
pub(crate) const ROCKSDB: &str = "RocksDB";
pub(super) const SERVER: &str = "server";

/// RocksDB, and then the server.
pub(super) fn jobs<'a>(profile: Profile) -> Vec<Job<'a>> {
    let server = move |report: &Report| compile(profile, report);
    vec![Job::new(ROCKSDB, Priority::Patient, &[], rocksdb::build), Job::new(SERVER, Priority::Patient, &[ROCKSDB], server)]
}

/// Compiles the server; what is in the web client's folder goes into it.
pub(super) fn compile(profile: Profile, report: &Report) -> Result<()> {
    report.run(&mut native_cargo::build_program("hearth", profile)?)
}
