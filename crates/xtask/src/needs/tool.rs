//! Programs from crates.io that developer commands call: compiled once a machine and version, and kept in the cache.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{cargo, paths, process, ui};

/// A program and the version of it that this repository was tried with.
#[derive(Debug)]
pub(crate) struct Tool<'a> {
    /// What it is called on crates.io.
    pub(crate) package: &'a str,
    /// Exactly this one.
    pub(crate) version: &'a str,
    /// What the program itself is called.
    pub(crate) program: &'a str,
    /// What it is for and how long compiling it takes, for the person who waits.
    pub(crate) why: &'a str,
    /// Its features beyond the default ones, with commas.
    pub(crate) features: &'a str,
    /// Whether its own speed is worth compiling for longer.
    pub(crate) is_optimised: bool,
}

/// The program, compiled if this machine does not have it yet.
pub(crate) fn ensure(tool: &Tool<'_>) -> Result<PathBuf> {
    let &Tool { package, version, .. } = tool;
    let folder = paths::cache("tools")?.join(format!("{}-{version}", tool.program));
    let program = folder.join("bin").join(tool.program);
    if program.is_file() {
        return Ok(program);
    }
    ui::step(&format!("installing {package} {version}: {}", tool.why));
    let mut install = cargo::command("install");
    install
        .args([package, "--locked", "--version", &format!("={version}"), "--features", tool.features, "--root"])
        .arg(&folder);
    if !tool.is_optimised {
        install.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "false");
    }
    // Its own target folder: the shared one would keep its objects for ever.
    let target = folder.join("target");
    process::run(install.env("CARGO_TARGET_DIR", &target)).with_context(|| {
        format!("{package} {version} could not be installed; it is compiled from crates.io, which must be within reach")
    })?;
    fs::remove_dir_all(&target).with_context(|| format!("removing {}", target.display()))?;
    Ok(program)
}
