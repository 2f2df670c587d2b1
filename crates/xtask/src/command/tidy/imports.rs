//! The import table: which crate may see which. Whatever is not listed is forbidden.

use std::path::Path;

use crate::command::tidy::finding::Finding;
use crate::packages::Package;

/// What one crate of the workspace may import.
struct Rule {
    /// The package's name.
    package: &'static str,
    /// Crates of this workspace that it may import.
    may: &'static [&'static str],
    /// Crates of the workspace that only its tests and benchmarks may import as well.
    tests_may: &'static [&'static str],
    /// Crates from outside that it must never see.
    never: &'static [&'static str],
}

/// The crates that server code is made of; only the binary sees them all.
const ALL: &[&str] = &[
    "event-log",
    "event-log-rocksdb",
    "projection",
    "projection-rocksdb",
    "domain",
    "views",
    "engine",
    "api",
    "config",
    "backup",
    "backup-s3",
    "mail",
];

/// `docs/architecture.md` explains this table.
const TABLE: &[Rule] = &[
    Rule { package: "event-log", may: &[], tests_may: &[], never: &["ruma", "axum", "rocksdb"] },
    Rule { package: "event-log-rocksdb", may: &["event-log"], tests_may: &["testkit"], never: &["ruma", "axum"] },
    Rule { package: "backup", may: &["event-log"], tests_may: &[], never: &["ruma", "axum", "rocksdb", "tokio"] },
    Rule { package: "backup-s3", may: &["backup"], tests_may: &[], never: &["ruma", "axum", "rocksdb"] },
    Rule { package: "mail", may: &[], tests_may: &[], never: &["ruma", "axum", "rocksdb"] },
    Rule { package: "projection", may: &["event-log"], tests_may: &[], never: &["ruma", "rocksdb", "axum"] },
    Rule {
        package: "projection-rocksdb",
        may: &["projection"],
        tests_may: &["event-log", "testkit"],
        never: &["ruma", "axum"],
    },
    Rule { package: "domain", may: &[], tests_may: &["testkit"], never: &["tokio", "rand", "getrandom", "axum", "rocksdb"] },
    Rule {
        package: "views",
        may: &["domain", "projection"],
        tests_may: &["event-log", "testkit"],
        never: &["tokio", "rocksdb", "axum"],
    },
    Rule {
        package: "engine",
        may: &["event-log", "projection", "domain", "views"],
        tests_may: &["testkit"],
        never: &["rocksdb", "axum"],
    },
    Rule { package: "api", may: &["engine", "views", "domain", "mail"], tests_may: &["testkit"], never: &["rocksdb"] },
    Rule { package: "config", may: &[], tests_may: &[], never: &["ruma", "axum", "rocksdb", "tokio"] },
    Rule { package: "hearth", may: ALL, tests_may: &["testkit"], never: &[] },
    Rule {
        package: "testkit",
        may: &["event-log", "domain", "projection", "views", "engine"],
        tests_may: &[],
        never: &["rocksdb", "axum"],
    },
    Rule { package: "load", may: &[], tests_may: &[], never: &["rocksdb"] },
    Rule { package: "blackbox", may: &[], tests_may: &[], never: &["rocksdb"] },
    Rule { package: "xtask", may: &[], tests_may: &[], never: &["ruma", "axum", "rocksdb", "tokio"] },
];

/// Compares what every package declares with the table.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        match TABLE.iter().find(|rule| rule.package == package.name) {
            Some(rule) => findings.extend(compare(package, rule)),
            None => findings.push(at(package, "is not in the import table of `cargo xtask tidy`".to_owned())),
        }
    }
    findings
}

fn compare(package: &Package, rule: &Rule) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let in_tests = dependency.kind.as_deref() == Some("dev");
        let listed = rule.may.contains(&name) || (in_tests && rule.tests_may.contains(&name));
        if dependency.path.is_some() && !listed {
            findings.push(at(package, format!("{} may not import {name}", package.name)));
        }
        if rule.never.contains(&name) {
            findings.push(at(package, format!("{} must never see {name}", package.name)));
        }
    }
    findings
}

fn at(package: &Package, what: String) -> Finding {
    let root = crate::paths::root();
    let manifest = package.manifest_path.strip_prefix(&root).unwrap_or(&package.manifest_path);
    Finding::new(Path::new(manifest), 0, what)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::packages::{Dependency, Package};

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Package {
        let dependencies = dependencies.iter().map(|(name, kind, inside)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            rename: None,
            path: inside.then(|| name.into()),
        });
        Package {
            name: name.to_owned(),
            dependencies: dependencies.collect(),
            targets: vec![],
            manifest_path: "Cargo.toml".into(),
        }
    }

    #[test]
    fn what_is_listed_passes_and_the_rest_is_found() {
        let allowed = package("engine", &[("domain", None, true), ("testkit", Some("dev"), true), ("serde", None, false)]);
        assert_eq!(check(&[allowed]), vec![]);
        let cases = [
            ("engine", ("api", None, true), "engine may not import api"),
            ("engine", ("rocksdb", None, false), "engine must never see rocksdb"),
            ("engine", ("testkit", None, true), "engine may not import testkit"),
            ("domain", ("tokio", Some("dev"), false), "domain must never see tokio"),
            ("new-one", ("serde", None, false), "is not in the import table of `cargo xtask tidy`"),
        ];
        for (name, dependency, expected) in cases {
            let findings = check(&[package(name, &[dependency])]);
            assert_eq!(findings.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), [expected]);
        }
    }
}
