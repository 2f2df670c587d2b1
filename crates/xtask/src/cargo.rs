//! The native cargo and its compiler: which they are. How cargo compiles this workspace is not here but in `native_cargo`.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use crate::process;

/// `cargo <subcommand>`, for what compiles nothing of this workspace.
pub(crate) fn command(subcommand: &str) -> Command {
    let mut command = process::command(program());
    command.arg(subcommand);
    command
}

/// The cargo that started this program.
pub(crate) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
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
