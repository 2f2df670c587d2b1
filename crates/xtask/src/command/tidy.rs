//! `cargo xtask tidy`: the rules of this repository that no compiler checks.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{packages, repository, ui};

mod circles;
mod imports;
mod invariants;
mod links;
mod locks;
mod named;
mod names;
mod page;
mod shape;

/// A broken rule, with the place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    file: PathBuf,
    /// Lines count from 1; 0 is the file as a whole.
    line: usize,
    what: String,
}

impl Finding {
    fn new(file: &Path, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_path_buf(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if self.line > 0 {
            write!(formatter, ":{}", self.line)?;
        }
        write!(formatter, ": {}", self.what)
    }
}

pub(crate) fn run() -> Result<()> {
    let files = repository::files()?;
    let packages = packages::workspace()?;
    let mut findings = imports::check(&packages);
    findings.extend(circles::check(&packages)?);
    findings.extend(names::check(&packages)?);
    findings.extend(shape::check(&files)?);
    findings.extend(links::check(&files)?);
    findings.extend(named::check(&files)?);
    findings.extend(invariants::check()?);
    findings.extend(locks::check(&files)?);
    findings.sort();
    for finding in &findings {
        ui::line(&finding.to_string());
    }
    if !findings.is_empty() {
        bail!("tidy found {} things to put right", findings.len());
    }
    ui::note(&format!("{} files are tidy", files.len()));
    Ok(())
}
