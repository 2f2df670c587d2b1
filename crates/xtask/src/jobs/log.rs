//! The file that takes what the programs of a job print.

use std::fs::{File, OpenOptions};
use std::path::Path;

use anyhow::{Context as _, Error, Result};

/// The end of what a program printed, for the error that its failure becomes.
pub(super) fn with_output(error: Error, lines: &[String], log: &Path) -> Error {
    error.context(format!("{}\n(all of its output: {})", lines.join("\n"), log.display()))
}

/// Several programs of one job may write at once, so each line goes to the end.
pub(super) fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(path).with_context(|| format!("opening {}", path.display()))
}
