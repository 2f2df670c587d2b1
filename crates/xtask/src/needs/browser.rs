//! What is done in real browsers: the folder of their tests and figures.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::clients;
use crate::{needs, paths, process};

const FOLDER: &str = "tests/browser";

/// Browsers, and what drives them.
pub(crate) fn ensure() -> Result<()> {
    needs::ensure(needs::BROWSER)?;
    clients::node_modules(FOLDER)?;
    Ok(())
}

/// A script of the folder's `package.json`, with this client in the browsers.
pub(crate) fn npm(script: &str, client: &Path) -> Result<Command> {
    let mut command = self::script(script)?;
    command.env("HEARTH_WEB_CLIENT", client);
    Ok(command)
}

/// A script of the folder's `package.json`.
pub(crate) fn script(name: &str) -> Result<Command> {
    let mut command = process::command("npm");
    command.args(["run", name]).current_dir(paths::in_root(FOLDER));
    command.env("HEARTH_CHROMIUM", needs::chromium().context("no Chromium was found")?);
    command.env("HEARTH_FIREFOX", needs::firefox().context("no Firefox was found")?);
    Ok(command)
}
