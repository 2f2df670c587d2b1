//! `THIRD-PARTY-LICENSES.txt`: the licence texts of everything inside the binary, as their authors ask for.
//!
//! cargo-about finds them in the packages themselves, without the network, and refuses what about.toml does not accept. A text
//! that it does not know is taken from the package all the same, and so is a notice beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::command::release::plan::{Release, native_target};
use crate::needs::tool::{self, Tool};
use crate::needs::wasm;
use crate::{cargo, paths, process, ui};

const FILE: &str = "THIRD-PARTY-LICENSES.txt";
const CARGO_ABOUT: Tool = Tool {
    package: "cargo-about",
    version: "0.9.3",
    program: "cargo-about",
    why: "it collects the licences of what is inside the binary (minutes, once)",
    features: "cli",
    // It compares every file of every package with every known licence.
    is_optimised: true,
};
/// What it says when a licence file is not the one whose checksum about.toml has. It goes on without it.
const CHANGED: &str = "failed to validate";
const RULE: &str = "--------------------------------------------------------------------------------";

/// What the file opens with.
const INTRODUCTION: &str = "\
Hearth is under the Apache License 2.0, which is in the file LICENSE. Inside its binary, and inside the web client that is part
of it, are also the works listed here, each above the text of its licence. Where a package holds no such text, the licence's
standard text stands for it. The sources of all packages are at https://crates.io.

The standard library of Rust is inside, too: MIT or Apache License 2.0, copyright The Rust Project contributors,
https://www.rust-lang.org.
";

/// Files at the top of a package that hold a licence, and those that say more about it, by how their names begin.
const LICENCES: &[&str] = &["LICENSE", "LICENCE", "COPYING"];
const NOTICES: &[&str] = &["NOTICE"];

/// A package as it is listed: name, version, address.
type Listed = String;
/// Title and text, with the packages that they are for.
type Texts = BTreeMap<(String, String), BTreeSet<Listed>>;

/// What cargo-about prints.
#[derive(Deserialize)]
struct Found {
    licenses: Vec<Licence>,
}

#[derive(Deserialize)]
struct Licence {
    name: String,
    text: String,
    /// The file with the text; none when it is the standard text.
    source_path: Option<PathBuf>,
    used_by: Vec<UsedBy>,
}

#[derive(Deserialize)]
struct UsedBy {
    #[serde(rename = "crate")]
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    repository: Option<String>,
    manifest_path: PathBuf,
}

impl Package {
    fn listed(&self) -> Listed {
        let address = self.repository.as_deref().unwrap_or_default();
        format!("{} {}  {address}", self.name, self.version).trim_end().to_owned()
    }

    /// The texts of the files at its top whose names begin like this, each with its name.
    fn texts(&self, beginnings: &[&str]) -> Result<Vec<String>> {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if path.is_file() && beginnings.iter().any(|beginning| name.starts_with(beginning)) {
                found.push(fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?);
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Writes the file into the work folder and answers where it is.
pub(super) fn collect(release: &Release) -> Result<PathBuf> {
    let about = tool::ensure(&CARGO_ABOUT)?;
    ui::step("collecting licences (three minutes)");
    let mut texts = Texts::new();
    for (folder, target) in [("crates/server", native_target()), ("web-client", wasm::TARGET.to_owned())] {
        add(&mut texts, &found(&about, &paths::in_root(folder), &target)?)?;
    }
    let path = release.work.join(FILE);
    fs::write(&path, written(&texts)?).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// Asks cargo-about for the licences of what the package in `folder` needs.
fn found(about: &Path, folder: &Path, target: &str) -> Result<Found> {
    // Fetched first, so that cargo-about can be kept off the network: it would ask a service for licences.
    process::run(process::command(cargo::program()).args(["fetch", "--locked"]).current_dir(folder))?;
    let mut command = process::command(about);
    command.args(["generate", "--frozen", "--fail", "--format", "json", "--target", target]);
    command.arg("--config").arg(paths::in_root("about.toml"));
    let output = command.arg("--manifest-path").arg(folder.join("Cargo.toml")).output().context("starting cargo-about")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && !said.contains(CHANGED) {
        return serde_json::from_slice(&output.stdout).context("reading what cargo-about printed");
    }
    // Shown only now: it also warns of every package in about.toml that one of the two programs does without.
    ui::line(&said);
    bail!("cargo-about cannot tell the licences of everything in {}; about.toml may have to follow", folder.display())
}

fn add(texts: &mut Texts, found: &Found) -> Result<()> {
    let mut put = |title: &str, text: &str, package: &Package| {
        let text = text.replace("\r\n", "\n").trim_matches('\n').trim_end().to_owned();
        texts.entry((title.to_owned(), text)).or_default().insert(package.listed());
    };
    for licence in &found.licenses {
        for UsedBy { package } in &licence.used_by {
            let own = if licence.source_path.is_none() { package.texts(LICENCES)? } else { Vec::new() };
            match &own[..] {
                // One file holds whatever there is to say. Of several, one is the standard text of another licence.
                [only] => put(&licence.name, only, package),
                _ => put(&licence.name, &licence.text, package),
            }
            for notice in package.texts(NOTICES)? {
                put("Notices", &notice, package);
            }
        }
    }
    Ok(())
}

fn written(texts: &Texts) -> Result<String> {
    let mut whole = INTRODUCTION.to_owned();
    for ((title, text), packages) in texts {
        write!(whole, "\n{RULE}\n{title}\n\n")?;
        packages.iter().try_for_each(|package| writeln!(whole, "  {package}"))?;
        write!(whole, "\n{text}\n")?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Found, Licence, Package, Texts, UsedBy, add, written};

    fn licence(text: &str, source: Option<&str>, packages: &[&Path]) -> Licence {
        let package = |folder: &&Path| Package {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            version: "1.0.0".to_owned(),
            repository: Some("https://example.org".to_owned()),
            manifest_path: folder.join("Cargo.toml"),
        };
        let used_by = packages.iter().map(|folder| UsedBy { package: package(folder) }).collect();
        Licence { name: "MIT License".to_owned(), text: text.to_owned(), source_path: source.map(Into::into), used_by }
    }

    #[test]
    fn a_text_stands_once_and_a_packages_own_takes_the_standard_ones_place() {
        let packages = tempfile::tempdir().unwrap();
        let [bare, own, two] = ["bare", "own", "two"].map(|name| packages.path().join(name));
        for folder in [&bare, &own, &two] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(own.join("LICENSE.md"), "Own text\r\nof two lines\r\n").unwrap();
        fs::write(own.join("NOTICE"), "Its notice").unwrap();
        fs::write(two.join("LICENSE-MIT"), "never read").unwrap();
        fs::write(two.join("license-apache"), "never read").unwrap();
        let found = |licence| Found { licenses: vec![licence] };
        let mut texts = Texts::new();
        add(&mut texts, &found(licence("Found text\n", Some("LICENSE"), &[&two]))).unwrap();
        add(&mut texts, &found(licence("Found text\n", Some("LICENSE"), &[&bare, &two]))).unwrap();
        add(&mut texts, &found(licence("Standard text", None, &[&bare, &own, &two]))).unwrap();
        let whole = written(&texts).unwrap();
        let line = |name: &str| format!("  {name} 1.0.0  https://example.org\n");
        let (bare, own, two) = (line("bare"), line("own"), line("two"));
        for part in [
            format!("MIT License\n\n{bare}{two}\nFound text\n"),
            format!("MIT License\n\n{own}\nOwn text\nof two lines\n"),
            format!("MIT License\n\n{bare}{two}\nStandard text\n"),
            format!("Notices\n\n{own}\nIts notice\n"),
        ] {
            assert_eq!(whole.matches(&part).count(), 1, "{part}\nin\n{whole}");
        }
    }
}
