//! The native cargo: `release` is the profile of what ships, `dev` that of the tests.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, rocksdb, targets};

/// `cargo <subcommand>`, for what compiles nothing.
pub(crate) fn command(subcommand: &str) -> Command {
    let mut command = process::command(program());
    command.arg(subcommand);
    command
}

/// `cargo <subcommand>` that compiles into the target folder that this machine shares, with RocksDB as it was compiled here.
pub(crate) fn compiling(subcommand: &str) -> Result<Command> {
    let mut command = command(subcommand);
    command.env("CARGO_TARGET_DIR", targets::native()?);
    rocksdb::offer(&mut command)?;
    Ok(command)
}

/// The cargo that started this program.
pub(crate) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `cargo build --release` of one program, with the features that it ships with: those of its own package and no other's.
pub(crate) fn build_program(package: &str) -> Result<Command> {
    let mut command = compiling("build")?;
    command.args(["--locked", "--release", "--package", package, "--bins"]);
    Ok(command)
}

/// The version of the compiler that builds the native workspace, as (major, minor).
pub(crate) fn native_rustc() -> Option<(u32, u32)> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    version(&process::probe(process::command(rustc).arg("--version"))?)
}

/// Reads `rustc 1.96.0 (…)` as `(1, 96)`.
pub(crate) fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn compiler_versions_are_read() {
        assert_eq!(version("rustc 1.96.0 (abc 2026-05-25) (built from a source tarball)"), Some((1, 96)));
        assert_eq!(version("rustc 1.97.0-nightly (abc 2026-06-01)"), Some((1, 97)));
        assert_eq!(version("no compiler"), None);
    }
}
