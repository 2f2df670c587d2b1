//! What is linked into a program, as `cargo tree` tells it: with the features that are on, for one target, and without what only
//! tests, build scripts and macros need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::{cargo, paths, process};

/// A package in the program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// Whether it is this repository's own.
    pub(super) own: bool,
    /// An SPDX expression, or nothing.
    pub(super) licence: String,
    /// The repository's address, or nothing.
    pub(super) repository: String,
}

/// Each package with those that it needs itself.
pub(super) type Tree = BTreeMap<Package, BTreeSet<Package>>;

/// What is in the program of `package`, a package of the workspace in the folder `workspace`.
pub(super) fn of(workspace: &str, package: &str, target: &str) -> Result<Tree> {
    let mut tree = process::command(cargo::program());
    tree.args(["tree", "--locked", "--package", package, "--target", target, "--edges", "normal,no-proc-macro"]);
    tree.args(["--prefix", "depth", "--format", "{p}\t{l}\t{r}"]);
    read(&process::read(tree.current_dir(paths::in_root(workspace)))?)
}

fn read(text: &str) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut above: Vec<Package> = Vec::new();
    for line in text.lines() {
        let (depth, package) = read_line(line).with_context(|| format!("reading `{line}` of cargo tree"))?;
        above.truncate(depth);
        if let Some(parent) = above.last() {
            tree.entry(parent.clone()).or_default().insert(package.clone());
        }
        tree.entry(package.clone()).or_default();
        above.push(package);
    }
    Ok(tree)
}

/// Reads `2serde v1.0.229⇥MIT OR Apache-2.0⇥https://… (*)`; a package of the repository has its path behind the version, and
/// the star says that what it needs was listed before.
fn read_line(line: &str) -> Option<(usize, Package)> {
    let start = line.find(|character: char| !character.is_ascii_digit())?;
    let (depth, rest) = line.split_at(start);
    let mut fields = rest.trim_end_matches("(*)").split('\t').map(str::trim);
    let mut words = fields.next()?.split_whitespace();
    let package = Package {
        name: words.next()?.to_owned(),
        version: words.next()?.strip_prefix('v')?.to_owned(),
        own: words.next().is_some_and(|path| Path::new(path.trim_start_matches('(')).is_absolute()),
        // Older manifests write `MIT/Apache-2.0`.
        licence: fields.next()?.split('/').map(str::trim).collect::<Vec<_>>().join(" OR "),
        repository: fields.next()?.to_owned(),
    };
    Some((depth.parse().ok()?, package))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn who_needs_whom_is_read_from_the_depth() {
        let text = "0hearth v0.1.0 (/src/crates/server)\tApache-2.0\t\n\
                    1api v0.1.0 (/src/crates/api)\tApache-2.0\t\n\
                    2axum v0.8.9\tMIT\thttps://example.org/axum\n\
                    3http v1.5.0\tMIT/Apache-2.0\t\n\
                    1http v1.5.0\tMIT/Apache-2.0\t (*)\n\
                    1axum v0.8.9\tMIT\thttps://example.org/axum (*)\n";
        let tree = read(text).unwrap();
        let edges: Vec<(&str, Vec<&str>)> = tree
            .iter()
            .map(|(package, needs)| (package.name.as_str(), needs.iter().map(|other| other.name.as_str()).collect()))
            .collect();
        let expected =
            [("api", vec!["axum"]), ("axum", vec!["http"]), ("hearth", vec!["api", "axum", "http"]), ("http", vec![])];
        assert_eq!(edges, expected);
        let packages: Vec<_> = tree.keys().collect();
        assert!(packages[0].own && !packages[1].own);
        assert_eq!(packages[1].repository, "https://example.org/axum");
        assert_eq!(packages[3].licence, "MIT OR Apache-2.0");
        assert!(read("0hearth\n").is_err());
    }
}
