//! Running other programs: one way to start them, to read what they say, and to bound their time.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::paths;

/// How often a bounded wait looks at its child.
const POLL: Duration = Duration::from_millis(50);

/// A command in the repository's root, with an environment that does not depend on how cargo started this program.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    // `cargo run` describes this crate to its child; a nested cargo must not take that for the caller's wish.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST") || text == "CARGO_BIN_NAME" {
            command.env_remove(name);
        }
    }
    match library_path_of_the_caller() {
        Some(path) => command.env("LD_LIBRARY_PATH", path),
        None => command.env_remove("LD_LIBRARY_PATH"),
    };
    command
}

/// `cargo run` puts its own folders in front of `LD_LIBRARY_PATH`; build scripts would rerun for the difference.
fn library_path_of_the_caller() -> Option<OsString> {
    let path = env::var_os("LD_LIBRARY_PATH")?;
    let own = paths::root().join("target");
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let kept: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty() && !folder.starts_with(&own))
        .filter(|folder| target.as_ref().is_none_or(|target| !folder.starts_with(target)))
        .filter(|folder| {
            !folder.to_string_lossy().contains("/rustlib/") && !folder.to_string_lossy().contains("/toolchains/")
        })
        .collect();
    if kept.is_empty() { None } else { env::join_paths(kept).ok() }
}

/// Runs to the end; its output goes where ours goes, with standard output sent to standard error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdout(std::io::stderr()).status().with_context(|| format!("starting {}", shown(command)))?;
    expect_success(command, status)
}

/// Runs to the end and gives back standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("starting {}", shown(command)))?;
    expect_success(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("{} printed something that is not text", shown(command)))
}

/// Runs silently and gives back standard output, or nothing when it cannot be started or fails: for probes.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Like [`run`], but ends the program after `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.stdout(std::io::stderr()).spawn().with_context(|| format!("starting {}", shown(command)))?;
    match wait_within(&mut child, limit)? {
        Some(status) => expect_success(command, status),
        None => bail!("{} took longer than {} s and was ended", shown(command), limit.as_secs()),
    }
}

/// Waits for `child` for at most `limit`, then kills it and answers `None`.
pub(crate) fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    if ends_within(child, limit)? {
        return Ok(Some(child.wait()?));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Waits for `child` for at most `limit` and says whether it has ended.
pub(crate) fn ends_within(child: &mut Child, limit: Duration) -> Result<bool> {
    let end = Instant::now() + limit;
    while child.try_wait()?.is_none() {
        if Instant::now() >= end {
            return Ok(false);
        }
        pause();
    }
    Ok(true)
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn expect_success(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed: {status}", shown(command))
}

#[expect(clippy::disallowed_methods, reason = "this program has one thread, and a child gives no other sign")]
fn pause() {
    thread::sleep(POLL);
}
