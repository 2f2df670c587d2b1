//! The workspace as cargo sees it: packages, what they declare to need, and their targets.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::{cargo, paths, process};

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) manifest_path: PathBuf,
}

/// What a package declares to need.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing for an ordinary one.
    pub(crate) kind: Option<String>,
    /// What the code calls it, when that is another name.
    pub(crate) rename: Option<String>,
    /// Set when the other package is in this repository.
    pub(crate) path: Option<PathBuf>,
}

/// A library, binary, test or benchmark.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    /// The file that the compiler is given.
    pub(crate) src_path: PathBuf,
}

impl Package {
    /// The names of its targets of one kind.
    pub(crate) fn targets_of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.targets
            .iter()
            .filter(move |target| target.kind.iter().any(|own| own == kind))
            .map(|target| target.name.as_str())
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// The packages of the native workspace.
pub(crate) fn workspace() -> Result<Vec<Package>> {
    of(&paths::root())
}

/// The names of the packages of the workspace in `folder`.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    Ok(of(folder)?.into_iter().map(|package| package.name).collect())
}

/// The packages of the workspace in `folder`.
pub(crate) fn of(folder: &Path) -> Result<Vec<Package>> {
    read(folder, &["--no-deps", "--offline"])
}

/// Where cargo keeps the sources of the locked package `name` of the native workspace; it fetches them when they are missing.
pub(crate) fn sources_of(name: &str) -> Result<PathBuf> {
    let packages = read(&paths::root(), &["--locked", "--quiet"])?;
    let found = packages.into_iter().find(|package| package.name == name);
    let manifest = found.with_context(|| format!("no package of the workspace needs {name}"))?.manifest_path;
    manifest.parent().map(Path::to_path_buf).context("a manifest lies in no folder")
}

fn read(folder: &Path, arguments: &[&str]) -> Result<Vec<Package>> {
    let mut metadata = cargo::command("metadata");
    metadata.args(["--format-version", "1"]).args(arguments).current_dir(folder);
    let metadata: Metadata =
        serde_json::from_str(&process::read(&mut metadata)?).context("reading what cargo metadata printed")?;
    Ok(metadata.packages)
}
