//! The native cargo. One profile (`release`) and one target folder for everything, so that RocksDB is compiled once.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, targets};

/// `cargo <subcommand>` with the target folder that this machine shares. The caller adds `--release` where it belongs.
pub(crate) fn command(subcommand: &str) -> Result<Command> {
    let mut command = process::command(program());
    command.arg(subcommand).env("CARGO_TARGET_DIR", targets::native()?);
    Ok(command)
}

/// The cargo that started this program.
pub(crate) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `cargo <subcommand> --release --workspace`; the caller adds the targets.
///
/// Always the whole workspace: cargo unites the features of what is selected, so with another selection the same
/// dependencies would be compiled once more.
pub(crate) fn workspace(subcommand: &str) -> Result<Command> {
    let mut command = command(subcommand)?;
    command.args(["--release", "--workspace"]);
    Ok(command)
}

/// Builds programs of the workspace, such as `hearth`.
pub(crate) fn build(programs: &[&str]) -> Result<()> {
    let mut command = workspace("build")?;
    for program in programs {
        command.args(["--bin", program]);
    }
    // Naming any test makes cargo count in what tests need when it unites features; the tests later find everything compiled.
    process::run(command.args(["--test", SMALLEST_TEST]))
}

/// The integration test that takes the least to compile.
const SMALLEST_TEST: &str = "command_line";

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
