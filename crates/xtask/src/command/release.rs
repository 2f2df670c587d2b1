//! `cargo xtask release`: everything that a release consists of, in dist/.
//!
//! It publishes nothing; docs/releasing.md says who does what with the files, and how whoever downloads them checks them.
//! With an engine the binary is taken out of the image, so that both are the same, compiled on the Debian that the image is made
//! of. Without one it is compiled here.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::command::build;
use crate::{paths, process, ui};

mod archive;
mod checks;
mod checksums;
mod image;
mod licences;
mod plan;
mod sbom;
mod tree;

use plan::Release;

/// The version of every package of the workspace, from `workspace.package` in Cargo.toml.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the files are written.
const DIST: &str = "dist";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Make no image, where no Docker engine can be had; the binary is then compiled here, for this system's C library
    #[arg(long)]
    without_image: bool,
    /// For a try: neither a clean working tree, nor the version's tag and its part of CHANGELOG.md are asked for, and the image may
    /// start from a stand-in for Debian's
    #[arg(long)]
    rehearsal: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    // In universal time, whatever this machine's is.
    let git = |arguments: &[&str]| {
        process::read(process::command("git").args(arguments).env("TZ", "UTC0")).map(|text| text.trim().to_owned())
    };
    let dist = paths::in_root(DIST);
    let release = Release {
        version: VERSION,
        commit: git(&["rev-parse", "HEAD"])?,
        epoch: git(&["log", "-1", "--format=%ct"])?,
        time: git(&["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"])?,
        rehearsal: options.rehearsal,
        work: dist.join("work"),
        dist,
    };
    if !options.rehearsal {
        checks::ready(release.version)?;
    }
    // Found first: without an engine nothing that takes long is begun.
    let engine = if options.without_image { None } else { Some(image::engine(&release)?) };
    empty(&release.dist)?;
    fs::create_dir_all(&release.work).with_context(|| format!("creating {}", release.work.display()))?;
    let licences = licences::collect(&release)?;
    sbom::write(&release)?;
    let binary = match &engine {
        Some(engine) => image::make(&release, engine, &licences)?,
        None => build::build(&build::Options::SHIPS)?,
    };
    archive::write(&release, &binary, &licences)?;
    fs::remove_dir_all(&release.work).with_context(|| format!("removing {}", release.work.display()))?;
    let files = checksums::write(&release.dist)?;
    ui::step(&format!("Hearth {} is in {DIST}/", release.version));
    files.iter().for_each(|(name, size)| ui::note(&format!("{name} ({})", ui::bytes(*size))));
    Ok(())
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}
