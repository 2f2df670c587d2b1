//! The program by which the tests use matrix-sdk: 400 crates that change with their lock file alone, so the program is kept in
//! the cache under the hash of all that it is made of.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hash::Hasher;
use crate::jobs::{self, Job, Priority, Report};
use crate::needs::wasm;
use crate::{paths, targets};

/// Where its sources are, from the root.
const FOLDER: &str = "tests/clients/rust";
const PROGRAM: &str = "client-driver";
const JOB: &str = "matrix-sdk's driver";

/// The program, which is there after [`job`] or [`ensure`].
pub(crate) fn program() -> Result<PathBuf> {
    let folder = paths::in_root(FOLDER);
    let mut hasher = Hasher::new();
    for file in paths::files_below(&folder, &|path| path.ends_with("target"))? {
        let name = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
        hasher.add_file(&name, &file)?;
    }
    Ok(paths::cache("client-driver")?.join(hasher.short()).join(PROGRAM))
}

/// Compiles it, unless it is there.
pub(crate) fn job<'a>() -> Job<'a> {
    Job::new(JOB, Priority::Patient, &[], build)
}

/// The program, compiled now if it is not there.
pub(crate) fn ensure() -> Result<PathBuf> {
    jobs::run(vec![job()])?;
    program()
}

fn build(report: &Report) -> Result<()> {
    let program = program()?;
    if program.is_file() {
        return Ok(());
    }
    let target = targets::clients()?;
    let mut cargo = wasm::for_new_native()?.native_cargo("build", &target);
    report.run(cargo.current_dir(paths::in_root(FOLDER)).arg("--locked"))?;
    keep(&target.join("debug").join(PROGRAM), &program)
}

/// Copies the program into its place, where it is only ever seen whole.
fn keep(built: &Path, program: &Path) -> Result<()> {
    let folder = program.parent().unwrap_or(program);
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let fresh = program.with_extension("new");
    fs::copy(built, &fresh).with_context(|| format!("copying to {}", fresh.display()))?;
    fs::rename(&fresh, program).with_context(|| format!("putting {} in its place", program.display()))
}
