//! What foreign clients and the browser tests are made of: npm's and pip's packages, kept in the cache by their lock files.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::hash::Hasher;
use crate::{paths, process, ui};

/// Fetching packages may be slow, but it must end.
const FETCH_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Written last, so that an installation that was interrupted does not count.
const DONE: &str = ".complete";

/// Gives the npm project at `folder` (from the root) its `node_modules`: a link into the cache.
pub(crate) fn node_modules(folder: &str) -> Result<()> {
    let project = paths::in_root(folder);
    let kept = kept(&project, "node", &["package.json", "package-lock.json"])?;
    if !kept.join(DONE).is_file() {
        ui::step(&format!("fetching the npm packages of {folder}"));
        empty(&kept)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(project.join(file), kept.join(file)).with_context(|| format!("copying {folder}/{file}"))?;
        }
        let mut npm = process::command("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&kept).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        process::run_within(&mut npm, FETCH_LIMIT)?;
        fs::write(kept.join(DONE), "")?;
    }
    link(&project.join("node_modules"), &kept.join("node_modules"))
}

/// A Python with the packages that the files `requirements` in `folder` (from the root) name.
pub(crate) fn python(folder: &str, requirements: &[&str]) -> Result<PathBuf> {
    let project = paths::in_root(folder);
    let kept = kept(&project, "python", requirements)?;
    let python = kept.join("bin/python");
    if !kept.join(DONE).is_file() {
        ui::step(&format!("fetching the Python packages of {folder}: {}", requirements.join(" ")));
        empty(&kept)?;
        process::run_within(process::command("python3").args(["-m", "venv", "--clear"]).arg(&kept), FETCH_LIMIT)?;
        let mut pip = process::command(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for file in requirements {
            pip.arg("--requirement").arg(project.join(file));
        }
        process::run_within(&mut pip, FETCH_LIMIT)?;
        fs::write(kept.join(DONE), "")?;
    }
    Ok(python)
}

/// The folder in the cache for what the given files of `project` ask for, on this interpreter.
fn kept(project: &Path, tool: &str, files: &[&str]) -> Result<PathBuf> {
    let interpreter = if tool == "node" { "node" } else { "python3" };
    let version = process::probe(process::command(interpreter).arg("--version")).unwrap_or_default();
    let mut hasher = Hasher::new();
    hasher.add(interpreter, version.as_bytes());
    for file in files {
        hasher.add_file(file, &project.join(file))?;
    }
    let name = project.file_name().unwrap_or(OsStr::new("project")).to_string_lossy().into_owned();
    paths::cache(tool).map(|folder| folder.join(format!("{name}-{}", hasher.short())))
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}

/// Makes `at` a symbolic link to `target`, whatever was there.
fn link(at: &Path, target: &Path) -> Result<()> {
    if fs::read_link(at).is_ok_and(|current| current == target) {
        return Ok(());
    }
    match fs::symlink_metadata(at) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(at),
        Ok(_) => fs::remove_file(at),
        Err(_) => Ok(()),
    }
    .with_context(|| format!("removing the old {}", at.display()))?;
    std::os::unix::fs::symlink(target, at).with_context(|| format!("linking {}", at.display()))
}
