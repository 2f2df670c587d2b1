//! `cargo xtask test quick [CRATE…]`: the inner loop. What needs neither RocksDB nor a server, in the dev profile: incremental,
//! with overflow checks and debug assertions.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::packages::{self, Package};
use crate::{compile, native_cargo, process};

/// The storage engine's crate: who depends on it, however indirectly, links it.
const STORAGE: &str = "rocksdb";
/// Tests a running server, so it needs a built one.
const BLACK_BOX: &str = "blackbox";

pub(super) fn run(names: &[String]) -> Result<()> {
    check(names)?;
    let packages = packages::workspace()?;
    let wants_state = names.is_empty() || names.iter().any(|name| name == compile::WEB_STATE);
    let native: Vec<&str> = if names.is_empty() {
        light(&packages).into_iter().collect()
    } else {
        names.iter().map(String::as_str).filter(|name| *name != compile::WEB_STATE).collect()
    };
    if !native.is_empty() {
        let mut tests = native_cargo::compiling("test")?;
        tests.args(["--locked", "--lib", "--bins", "--tests"]);
        process::run(tests.args(native.iter().flat_map(|name| ["--package", name])))?;
    }
    if wants_state {
        process::run(&mut compile::state()?)?;
    }
    Ok(())
}

/// Fails when one of the names is no crate that is quick to test.
pub(super) fn check(names: &[String]) -> Result<()> {
    let packages = packages::workspace()?;
    let light = light(&packages);
    match names.iter().map(String::as_str).find(|name| *name != compile::WEB_STATE && !light.contains(name)) {
        Some(other) => bail!("{}", refusal(other, &packages, &light)),
        None => Ok(()),
    }
}

/// The packages that do not link the storage engine.
fn light(packages: &[Package]) -> BTreeSet<&str> {
    let mut heavy: BTreeSet<&str> = BTreeSet::from([STORAGE, BLACK_BOX]);
    loop {
        let depends = |package: &&Package| package.dependencies.iter().any(|other| heavy.contains(other.name.as_str()));
        let more: Vec<&str> = packages
            .iter()
            .filter(depends)
            .map(|package| package.name.as_str())
            .filter(|name| !heavy.contains(name))
            .collect();
        if more.is_empty() {
            return packages.iter().map(|package| package.name.as_str()).filter(|name| !heavy.contains(name)).collect();
        }
        heavy.extend(more);
    }
}

fn refusal(name: &str, packages: &[Package], light: &BTreeSet<&str>) -> String {
    if packages.iter().any(|package| package.name == name) {
        return format!("{name} links RocksDB or needs a built server; `cargo xtask test unit` or `http` tests it");
    }
    let known: Vec<&str> = light.iter().copied().chain([compile::WEB_STATE]).collect();
    format!("there is no crate `{name}`; quick tests {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{light, refusal};
    use crate::packages::{Dependency, Package};

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependency = |name: &&str| Dependency { name: (*name).to_owned(), kind: None, path: None, rename: None };
        Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
            targets: vec![],
            manifest_path: "Cargo.toml".into(),
        }
    }

    #[test]
    fn what_links_the_storage_engine_however_indirectly_is_not_quick() {
        let packages = [
            package("hearth", &["log-store", "domain"]),
            package("log-store", &["event-log", "rocksdb"]),
            package("event-log", &["serde"]),
            package("domain", &["serde"]),
            package("blackbox", &[]),
        ];
        let light = light(&packages);
        assert_eq!(light.iter().copied().collect::<Vec<_>>(), ["domain", "event-log"]);
        assert!(refusal("hearth", &packages, &light).contains("test unit"));
        assert!(refusal("domian", &packages, &light).contains("domain, event-log"));
    }
}
