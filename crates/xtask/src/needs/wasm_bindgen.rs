//! The `wasm-bindgen` program. Its version must be exactly the library's in web-client/Cargo.lock.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{cargo, paths, process, ui};

/// The program at the right version; compiled once a machine and version.
pub(crate) fn program() -> Result<PathBuf> {
    let lock = fs::read_to_string(paths::in_root("web-client/Cargo.lock")).context("reading web-client/Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("web-client/Cargo.lock does not name wasm-bindgen")?;
    let folder = paths::cache("tools")?.join(format!("wasm-bindgen-{version}"));
    let program = folder.join("bin/wasm-bindgen");
    if program.is_file() {
        return Ok(program);
    }
    ui::step(&format!(
        "installing wasm-bindgen {version}: it writes the JavaScript around the web client (2 minutes, once)"
    ));
    let mut install = cargo::command("install")?;
    install.args(["wasm-bindgen-cli", "--version", &format!("={version}"), "--root"]).arg(&folder);
    // Its own target folder: the shared one would keep its objects for ever.
    let target = paths::cache("tools")?.join("target");
    process::run(install.env("CARGO_TARGET_DIR", &target))?;
    fs::remove_dir_all(&target).with_context(|| format!("removing {}", target.display()))?;
    Ok(program)
}

/// The version of `package` in a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.find(|line| line.starts_with("version = "))?;
    version.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_locked_version_is_that_of_the_named_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.100\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.100"));
        assert_eq!(locked_version(lock, "gone"), None);
    }
}
