//! `cargo xtask format`: rustfmt over every workspace of the repository, which `cargo fmt` alone does not reach.

use anyhow::{Context as _, Result};

use crate::{cargo, needs, process};

/// The native workspace, and those beside it.
const WORKSPACES: &[&str] = &["Cargo.toml", "web-client/Cargo.toml", "tests/clients/rust/Cargo.toml", "fuzz/Cargo.toml"];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail when a file is formatted otherwise
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check { check() } else { each_workspace(&[]) }
}

/// Fails unless every Rust file is formatted.
pub(crate) fn check() -> Result<()> {
    each_workspace(&["--check"]).context("`cargo xtask format` puts it right")
}

fn each_workspace(arguments: &[&str]) -> Result<()> {
    needs::ensure_rust_components()?;
    for manifest in WORKSPACES {
        process::run(cargo::command("fmt").args(["--all", "--manifest-path", manifest]).args(arguments))?;
    }
    Ok(())
}
