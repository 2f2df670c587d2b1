//! `cargo xtask tidy`: the rules of this repository that no compiler checks.

use anyhow::{Result, bail};

use crate::{packages, repository, ui};

mod circles;
mod finding;
mod imports;
mod invariants;
mod links;
mod locks;
mod named;
mod names;
mod page;
mod shape;
mod styles;

pub(crate) use named::Judge;

/// `judge` says what is wrong with a command line that a page names.
pub(crate) fn run(judge: Judge) -> Result<()> {
    let files = repository::files()?;
    let packages = packages::workspace()?;
    let mut findings = imports::check(&packages);
    findings.extend(circles::check(&packages)?);
    findings.extend(names::check(&packages)?);
    findings.extend(shape::check(&files)?);
    findings.extend(links::check(&files)?);
    findings.extend(named::check(&files, judge)?);
    findings.extend(invariants::check()?);
    findings.extend(locks::check(&files)?);
    findings.extend(styles::check(&files)?);
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
