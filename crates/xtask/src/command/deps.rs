//! The stage `deps`: what the workspaces are built of. All of it is used, comes from crates.io under a licence that
//! fits, is there once or has a reason to be there twice, and has no fault that the RustSec database knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::needs::tool::{self, Tool};
use crate::{packages, paths, process, repository, ui};

mod unused;

/// Checks a workspace against the `deny.toml` beside its manifest.
const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    why: "it checks licences, sources and known faults of what is compiled in (2 minutes, once)",
    features: "",
    // 6 s for three workspaces, as against 1 s for twice the compiling.
    is_optimised: false,
};
/// The folders of the workspaces. Each has a `deny.toml` of its own.
const WORKSPACES: &[&str] = &[".", "web-client", "tests/clients/rust", "fuzz"];
/// How long the database of known faults may take to come.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn run() -> Result<()> {
    all_are_used()?;
    let deny = tool::ensure(&CARGO_DENY)?;
    for workspace in WORKSPACES {
        let mut check = cargo_deny(&deny, workspace);
        process::run(check.args(["check", "--deny", "warnings", "licenses", "bans", "sources"])).with_context(|| {
            format!(
                "what {workspace}/Cargo.lock names does not keep to {workspace}/deny.toml. Take another version or another \
                 crate, or write the exception into that file with its reason"
            )
        })?;
    }
    advisories(&deny)
}

/// Every dependency is used by the package that declares it, and every version at the root by a package.
fn all_are_used() -> Result<()> {
    let files = repository::files()?;
    let mut findings = Vec::new();
    for workspace in WORKSPACES {
        let folder = paths::in_root(workspace);
        let members = packages::of(&folder)?;
        findings.extend(unused::in_packages(&members, &files)?);
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
        let declared: BTreeSet<&str> =
            members.iter().flat_map(|member| &member.dependencies).map(|dependency| dependency.name.as_str()).collect();
        findings.extend(unused::in_workspace(&text, &declared).map(|name| format!("{workspace}/Cargo.toml: {name}")));
    }
    for finding in &findings {
        ui::line(finding);
    }
    if !findings.is_empty() {
        bail!(
            "{} dependencies that nothing uses: take them out of those manifests, or into [dev-dependencies] what only \
             tests and benchmarks name",
            findings.len()
        );
    }
    Ok(())
}

/// Known faults. Their database lies on GitHub; a machine that cannot reach it is told what was not checked.
fn advisories(deny: &Path) -> Result<()> {
    let mut fetch = cargo_deny(deny, ".");
    fetch.args(["fetch", "db"]).env("GIT_TERMINAL_PROMPT", "0");
    if let Err(error) = process::run_within(&mut fetch, FETCH_LIMIT) {
        ui::warn(&format!(
            "KNOWN FAULTS WERE NOT CHECKED: the RustSec database could not be fetched ({error:#}). Crates with published \
             security faults, abandoned ones and withdrawn versions would not be found here. Run `cargo xtask test deps` \
             where https://github.com can be reached"
        ));
        return Ok(());
    }
    for workspace in WORKSPACES {
        let mut check = cargo_deny(deny, workspace);
        // The database is here now, and the crates since the first check.
        process::run(check.args(["--offline", "check", "--deny", "warnings", "advisories"])).with_context(|| {
            format!(
                "a crate in {workspace}/Cargo.lock has a known fault. Take the version without it: `cargo update CRATE` in \
                 {workspace}. Only a fault that cannot reach this program may go into `ignore` of {workspace}/deny.toml, \
                 with the reason"
            )
        })?;
    }
    Ok(())
}

fn cargo_deny(program: &Path, workspace: &str) -> std::process::Command {
    let mut command = process::command(program);
    command.current_dir(paths::in_root(workspace)).args(["--locked"]);
    command
}
