//! The native cargo where it compiles: `release` is the profile of what ships, `dev` that of the tests.

use std::process::Command;

use anyhow::Result;

use crate::{cargo, rocksdb, targets};

/// `cargo <subcommand>` that compiles into the target folder that this machine shares, with RocksDB as it was compiled here.
pub(crate) fn compiling(subcommand: &str) -> Result<Command> {
    let mut command = cargo::command(subcommand);
    command.env("CARGO_TARGET_DIR", targets::native()?);
    rocksdb::offer(&mut command)?;
    Ok(command)
}

/// `cargo build --release` of one program, with the features that it ships with: those of its own package and no other's.
pub(crate) fn build_program(package: &str) -> Result<Command> {
    let mut command = compiling("build")?;
    command.args(["--locked", "--release", "--package", package, "--bins"]);
    Ok(command)
}
