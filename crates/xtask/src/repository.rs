//! The files of the repository: what git knows, and what is new and not ignored.

use std::path::PathBuf;

use anyhow::Result;

use crate::{paths, process};

/// Paths relative to the root, sorted, of the files that exist.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut git = process::command("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listing = process::read(&mut git)?;
    let mut files: Vec<PathBuf> = listing.split_terminator('\0').map(PathBuf::from).collect();
    files.retain(|file| paths::root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}
