//! What must hold before a release is made: what is released is what the tag names, and the changelog says what it is.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::{lock, paths, process};

pub(super) fn ready(version: &str) -> Result<()> {
    let read = |file: &str| fs::read_to_string(paths::in_root(file)).with_context(|| format!("reading {file}"));
    let git = |arguments: &[&str]| process::read(process::command("git").args(arguments));
    let findings = findings(&State {
        version,
        changelog: &read("CHANGELOG.md")?,
        web_client: &lock::identity("web-client/Cargo.lock", "hearth-web")?,
        changes: &git(&["status", "--porcelain"])?,
        tags: &git(&["tag", "--points-at", "HEAD"])?,
    });
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{version} is not ready: {}. `--rehearsal` leaves these checks out", findings.join("; "))
}

/// What the checks look at.
struct State<'a> {
    version: &'a str,
    changelog: &'a str,
    /// The web client's entry in its lock file.
    web_client: &'a str,
    /// What git says has changed since the last commit.
    changes: &'a str,
    /// The tags of the last commit, a line each.
    tags: &'a str,
}

fn findings(state: &State<'_>) -> Vec<String> {
    let version = state.version;
    let mut findings = Vec::new();
    if !state.changes.trim().is_empty() {
        findings.push("the working tree has changes that are not committed".to_owned());
    }
    if !state.tags.lines().any(|tag| tag == format!("v{version}")) {
        findings.push(format!("the commit has no tag v{version}"));
    }
    if !state.changelog.lines().any(|line| line.starts_with(&format!("## [{version}] - "))) {
        findings.push(format!("CHANGELOG.md has no part `## [{version}] - YYYY-MM-DD`"));
    }
    if state.web_client.trim() != format!("version = \"{version}\"") {
        findings.push("web-client has another version".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{State, findings};

    const READY: State<'static> = State {
        version: "1.2.0",
        changelog: "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-31\n",
        web_client: "version = \"1.2.0\"\n",
        changes: "",
        tags: "latest\nv1.2.0\n",
    };

    #[test]
    fn each_thing_that_is_missing_is_named() {
        assert_eq!(findings(&READY), Vec::<String>::new());
        let cases = [
            (State { changes: " M README.md\n", ..READY }, "working tree"),
            (State { tags: "v1.2.0-rc.1\n", ..READY }, "no tag v1.2.0"),
            (State { changelog: "## [Unreleased]\n", ..READY }, "no part `## [1.2.0]"),
            (State { web_client: "version = \"1.1.0\"\n", ..READY }, "another version"),
        ];
        for (state, expected) in cases {
            let found = findings(&state);
            assert!(matches!(&found[..], [only] if only.contains(expected)), "{expected}: {found:?}");
        }
    }
}
