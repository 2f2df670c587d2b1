//! Clippy's driver as the compiler of the repository's own packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;

/// Lets cargo compile the repository's own packages by `driver`, and any warning be an error.
pub(crate) fn with(command: &mut Command, driver: &Path) {
    command.env("RUSTC_WORKSPACE_WRAPPER", driver).env("CLIPPY_ARGS", "-Dwarnings");
}

/// The driver that belongs to the native compiler.
pub(crate) fn native_driver() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    in_sysroot_of(&mut process::command(rustc)).context("clippy is missing; `rustup component add clippy` brings it")
}

/// The driver beside a compiler's libraries, where there is one.
pub(crate) fn in_sysroot_of(rustc: &mut Command) -> Option<PathBuf> {
    let sysroot = process::probe(rustc.args(["--print", "sysroot"]))?;
    let driver = Path::new(&sysroot).join("bin/clippy-driver");
    driver.is_file().then_some(driver)
}
