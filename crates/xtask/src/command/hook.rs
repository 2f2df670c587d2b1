//! `cargo xtask hook`: a git hook that looks at format and tidy before each commit. It takes seconds, so nothing else is in it.
//!
//! A hook that somebody else wrote is left alone, and so is a folder of hooks that other repositories may share.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{paths, process, ui};

/// What the hook runs: commands that every commit of this repository knows, because all worktrees share the hook.
const CHECK: &str = "cargo xtask test format tidy";
/// The whole hook. A file that differs in a byte is somebody's own.
const HOOK: &str = "#!/bin/sh
# Written by `cargo xtask hook`; `cargo xtask hook --remove` takes it away, `git commit --no-verify` passes it by.
exec cargo xtask test format tidy
";
/// The hook's name in git.
const NAME: &str = "pre-commit";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Take the hook away again
    #[arg(long)]
    remove: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let git = || git_in(&paths::root());
    ui::note(&if options.remove { remove(&git)? } else { install(&git)? });
    Ok(())
}

/// Git in the repository at `root`, also when this runs inside a hook or an alias of another one.
fn git_in(root: &Path) -> Command {
    let mut git = process::command("git");
    git.current_dir(root);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
        git.env_remove(name);
    }
    git
}

/// What stands where the hook belongs.
enum Found {
    Nothing,
    Ours,
    /// Somebody's own: another text, or no plain file.
    Other,
}

/// Installs the hook where `git` is and says what was done.
fn install(git: &dyn Fn() -> Command) -> Result<String> {
    let hook = folder(git)?.join(NAME);
    match find(&hook)? {
        Found::Ours => {}
        Found::Other => bail!("{} is a hook of your own; add to it the line `{CHECK} || exit 1`", hook.display()),
        Found::Nothing => write(&hook).with_context(|| format!("writing {}", hook.display()))?,
    }
    // Also for one that is there already: without this bit git passes it by.
    fs::set_permissions(&hook, Permissions::from_mode(0o755)).with_context(|| format!("opening {}", hook.display()))?;
    Ok(format!("{} runs `{CHECK}` before each commit", hook.display()))
}

/// Takes the hook away and says what was done.
fn remove(git: &dyn Fn() -> Command) -> Result<String> {
    let hook = folder(git)?.join(NAME);
    match find(&hook)? {
        Found::Ours => fs::remove_file(&hook).with_context(|| format!("removing {}", hook.display()))?,
        Found::Other => bail!("{} is a hook of your own, not the one that `cargo xtask hook` writes", hook.display()),
        Found::Nothing => return Ok(format!("there is no {}", hook.display())),
    }
    Ok(format!("{} is gone", hook.display()))
}

/// Where git looks for hooks: `core.hooksPath` if that is set for this repository, else the folder that its worktrees share.
fn folder(git: &dyn Fn() -> Command) -> Result<PathBuf> {
    let hooks = process::read(git().args(["rev-parse", "--path-format=absolute", "--git-path", "hooks"]))
        .context("a hook needs a clone of the git repository")?;
    let hooks = PathBuf::from(hooks.trim_end_matches('\n'));
    let setting = process::probe(git().args(["config", "--show-scope", "--get", "core.hooksPath"]));
    let scope = setting.as_deref().and_then(|line| line.split_whitespace().next()).unwrap_or("local");
    if !matches!(scope, "local" | "worktree") {
        bail!(
            "core.hooksPath in git's {scope} configuration is {}, which other repositories may share; call `{CHECK}` from a \
             hook of your own there, or give this repository a folder of its own: `git config core.hooksPath FOLDER`",
            hooks.display()
        );
    }
    Ok(hooks)
}

fn find(hook: &Path) -> Result<Found> {
    let is_file = match fs::symlink_metadata(hook) {
        Ok(metadata) => metadata.is_file(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error).with_context(|| format!("looking at {}", hook.display())),
    };
    if !is_file {
        return Ok(Found::Other);
    }
    let text = fs::read(hook).with_context(|| format!("reading {}", hook.display()))?;
    Ok(if text == HOOK.as_bytes() { Found::Ours } else { Found::Other })
}

fn write(hook: &Path) -> io::Result<()> {
    if let Some(folder) = hook.parent() {
        fs::create_dir_all(folder)?;
    }
    // Fails if something has come there meanwhile.
    OpenOptions::new().write(true).create_new(true).open(hook)?.write_all(HOOK.as_bytes())
}

#[cfg(test)]
mod tests;
