//! `hearth-VERSION.cdx.json`: the software bill of materials in CycloneDX's form, for whoever looks for packages with known faults.
//!
//! It lists what is inside the binary: the packages of the server, those of the web client, and the C and C++ libraries that
//! some of them bring along. What only tests, build scripts and macros need is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::command::release::plan::{Release, native_target};
use crate::command::release::tree::{self, Package, Tree};
use crate::needs::wasm;
use crate::{lock, ui};

/// The program, and the web client inside it.
const SERVER: &str = "hearth";
const WEB_CLIENT: &str = "hearth-web";

/// A library in C or C++ that a package compiles from sources that it brings along.
struct Bundled {
    package: &'static str,
    name: &'static str,
    /// Its package URL up to the version.
    url: &'static str,
}

const BUNDLED: &[Bundled] = &[
    Bundled { package: "librocksdb-sys", name: "rocksdb", url: "pkg:github/facebook/rocksdb@v" },
    Bundled { package: "lz4-sys", name: "lz4", url: "pkg:github/lz4/lz4@v" },
    Bundled { package: "tikv-jemalloc-sys", name: "jemalloc", url: "pkg:github/jemalloc/jemalloc@" },
];

pub(super) fn write(release: &Release) -> Result<()> {
    ui::step("listing what is inside the binary");
    let mut tree = tree::of("", SERVER, &native_target())?;
    let web = tree::of("web-client", WEB_CLIENT, wasm::TARGET)?;
    let mut checksums = lock::checksums("Cargo.lock")?;
    checksums.extend(lock::checksums("web-client/Cargo.lock")?);
    join(&mut tree, web)?;
    let bill = bill(&tree, &checksums, release.version, &release.time)?;
    let path = release.file(".cdx.json");
    fs::write(&path, serde_json::to_string_pretty(&bill)? + "\n").with_context(|| format!("writing {}", path.display()))?;
    ui::note(&format!("{} packages", tree.len()));
    Ok(())
}

/// Puts the web client into the server.
fn join(server: &mut Tree, web: Tree) -> Result<()> {
    for (package, needs) in web {
        server.entry(package).or_default().extend(needs);
    }
    let client = server.keys().find(|package| package.name == WEB_CLIENT).cloned().context("the web client is missing")?;
    let program = server.iter_mut().find(|(package, _)| package.name == SERVER);
    program.context("the server is missing")?.1.insert(client);
    Ok(())
}

fn bill(tree: &Tree, checksums: &BTreeMap<(String, String), String>, version: &str, time: &str) -> Result<Value> {
    let (server, others): (Vec<_>, Vec<_>) = tree.keys().partition(|package| package.name == SERVER);
    let server = server.first().context("the server is missing")?;
    let components: Result<Vec<Value>> = others.into_iter().map(|package| component(package, checksums)).collect();
    let dependencies = tree.iter().map(|(package, needs)| {
        // A package of two licences or two features would stand here twice, which the form forbids.
        let needs: BTreeSet<String> = needs.iter().map(reference).collect();
        json!({ "ref": reference(package), "dependsOn": needs })
    });
    let mut program = component(server, checksums)?;
    program["version"] = version.into();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "timestamp": time, "component": program },
        "components": components?,
        "dependencies": dependencies.collect::<Vec<_>>(),
    }))
}

/// How a package is called inside the bill: its package URL, or its name when it is this repository's own.
fn reference(package: &Package) -> String {
    if package.own {
        return package.name.clone();
    }
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

fn component(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let is_program = [SERVER, WEB_CLIENT].contains(&package.name.as_str());
    let mut component = json!({
        "type": if is_program { "application" } else { "library" },
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
    });
    if !package.licence.is_empty() {
        component["licenses"] = json!([{ "expression": package.licence }]);
    }
    if !package.repository.is_empty() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": package.repository }]);
    }
    // The repository's own packages are in no registry, where another of the same name would be taken for them.
    if !package.own {
        let sum = checksums.get(&(package.name.clone(), package.version.clone()));
        let sum = sum.with_context(|| format!("no lock file knows {} {}", package.name, package.version))?;
        component["purl"] = reference(package).into();
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    if let Some((_, bundled)) = package.version.split_once('+').filter(|_| package.name.ends_with("-sys")) {
        component["components"] = json!([bundled_in(package, bundled)?]);
    }
    Ok(component)
}

/// The library in a package whose version ends in the library's: `11.8.1`, `lz4-1.10.0`, `5.3.1-0-g81034ce1`.
fn bundled_in(package: &Package, text: &str) -> Result<Value> {
    let Some(bundled) = BUNDLED.iter().find(|bundled| bundled.package == package.name) else {
        bail!("{} {} brings a library along that the table in {} does not name", package.name, package.version, file!());
    };
    let version = text.split('-').find(|word| word.starts_with(|first: char| first.is_ascii_digit())).unwrap_or(text);
    let url = format!("{}{version}", bundled.url);
    Ok(json!({ "type": "library", "bom-ref": url, "name": bundled.name, "version": version, "purl": url }))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Package, Tree, bill, join};

    fn package(name: &str, version: &str, own: bool) -> Package {
        let text = |text: &str| text.to_owned();
        Package { name: text(name), version: text(version), own, licence: text("MIT"), repository: String::new() }
    }

    fn tree(edges: &[(&Package, &[&Package])]) -> Tree {
        edges.iter().map(|(one, needs)| ((*one).clone(), needs.iter().map(|other| (*other).clone()).collect())).collect()
    }

    #[test]
    fn the_bill_holds_both_programs_and_what_they_bring_along() {
        let [server, web] = ["hearth", "hearth-web"].map(|name| package(name, "0.1.0", true));
        let (rocksdb, serde) = (package("librocksdb-sys", "0.19.0+11.8.1", false), package("serde", "1.0.1", false));
        let mut whole = tree(&[(&server, &[&rocksdb, &serde]), (&rocksdb, &[]), (&serde, &[])]);
        join(&mut whole, tree(&[(&web, &[&serde]), (&serde, &[])])).unwrap();
        let sums: BTreeMap<_, _> = [&rocksdb, &serde]
            .map(|package| ((package.name.clone(), package.version.clone()), "ab".to_owned()))
            .into_iter()
            .collect();
        let bill = bill(&whole, &sums, "0.1.0", "2026-01-31T00:00:00Z").unwrap();

        assert_eq!(bill["metadata"]["component"]["name"], "hearth");
        let components = bill["components"].as_array().unwrap();
        let names: Vec<_> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
        assert_eq!(names, ["hearth-web", "pkg:cargo/librocksdb-sys@0.19.0%2B11.8.1", "pkg:cargo/serde@1.0.1"]);
        assert_eq!(components[0].get("purl"), None);
        assert_eq!(components[1]["components"][0]["purl"], "pkg:github/facebook/rocksdb@v11.8.1");
        assert_eq!(components[2]["hashes"][0]["content"], "ab");
        let dependencies = bill["dependencies"].as_array().unwrap();
        assert_eq!(dependencies[0]["dependsOn"].as_array().unwrap().len(), 3);
        let known: BTreeSet<_> = names.iter().copied().chain(["hearth"]).collect();
        assert!(dependencies.iter().all(|entry| known.contains(entry["ref"].as_str().unwrap())));

        for (name, version, expected) in [
            ("lz4-sys", "1.11.1+lz4-1.10.0", "pkg:github/lz4/lz4@v1.10.0"),
            ("tikv-jemalloc-sys", "0.7.1+5.3.1-0-g81034ce1", "pkg:github/jemalloc/jemalloc@5.3.1"),
        ] {
            let package = package(name, version, false);
            let (_, text) = version.split_once('+').unwrap();
            assert_eq!(super::bundled_in(&package, text).unwrap()["purl"], expected);
        }
        let unknown = tree(&[(&server, &[]), (&package("new-sys", "1.0.0+3.0", false), &[])]);
        assert!(super::bill(&unknown, &sums, "0.1.0", "").is_err());
    }
}
