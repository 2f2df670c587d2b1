//! No program, test or benchmark of this repository is called like a crate that it is built of: `cargo clean --package` goes by
//! the names of targets, and would take that crate's files with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::packages::Package;
use crate::paths;

const LOCK: &str = "Cargo.lock";

pub(super) fn check(packages: &[Package]) -> Result<Vec<Finding>> {
    let lock = fs::read_to_string(paths::in_root(LOCK)).with_context(|| format!("reading {LOCK}"))?;
    let own: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let foreign = locked(&lock).filter(|name| !own.contains(name)).map(file_name).collect();
    Ok(packages.iter().flat_map(|package| compare(package, &foreign)).collect())
}

/// The names of all packages in a lock file.
fn locked(lock: &str) -> impl Iterator<Item = &str> {
    lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

/// How the compiler names a crate's files.
fn file_name(name: &str) -> String {
    name.replace('-', "_")
}

fn compare(package: &Package, foreign: &BTreeSet<String>) -> Vec<Finding> {
    let root = paths::root();
    let manifest = package.manifest_path.strip_prefix(&root).unwrap_or(&package.manifest_path);
    let same = package.targets.iter().filter(|target| foreign.contains(&file_name(&target.name)));
    same.map(|target| {
        let what = format!("has a target called {}, as a crate that it is built of: call it something else", target.name);
        Finding::new(Path::new(manifest), 0, what)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{compare, file_name, locked};
    use crate::packages::{Package, Target};

    #[test]
    fn a_test_called_like_a_dependency_is_found() {
        let lock = "[[package]]\nname = \"http\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"event-listener\"\n";
        let foreign = locked(lock).map(file_name).collect();
        let target =
            |name: &str| Target { name: name.to_owned(), kind: vec!["test".to_owned()], src_path: "tests/it.rs".into() };
        let targets = ["http", "over_http", "event_listener", "it"].map(target).into();
        let package =
            Package { name: "blackbox".to_owned(), dependencies: vec![], targets, manifest_path: "tests/Cargo.toml".into() };
        let found: Vec<String> = compare(&package, &foreign).into_iter().map(|finding| finding.to_string()).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("called http,") && found[1].contains("called event_listener,"), "{found:?}");
    }
}
