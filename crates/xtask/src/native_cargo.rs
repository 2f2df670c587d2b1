//! The native cargo where it compiles: `dist` is the profile of what ships, `release` that of what is run here, `dev` that of the tests.

use std::process::Command;

use anyhow::Result;

use crate::targets::{self, Profile};
use crate::{cargo, rocksdb};

/// `cargo <subcommand>` that compiles into the target folder that this machine shares, with RocksDB as it was compiled here.
pub(crate) fn compiling(subcommand: &str) -> Result<Command> {
    let mut command = cargo::command(subcommand);
    command.env("CARGO_TARGET_DIR", targets::native()?);
    rocksdb::offer(&mut command)?;
    Ok(command)
}

/// `cargo build` of one program, with the features that it ships with: those of its own package and no other's.
pub(crate) fn build_program(package: &str, profile: Profile) -> Result<Command> {
    let mut command = compiling("build")?;
    command.args(["--locked", "--profile", profile.name(), "--package", package, "--bins"]);
    Ok(command)
}
