//! `cargo xtask skeleton FOLDER`: the repository without its code, which is all that its dependencies are compiled from.
//!
//! Manifests, lock files, cargo's settings and this program are as they are. Of every other target there is an empty source;
//! of tests there is none, since what ships does without. A change of code changes nothing here, so the layers of the image
//! that are made from it stay: the builder compares content. The Dockerfile says which layers these are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::packages::{self, Target};
use crate::{paths, ui};

/// The workspaces that end up in the image.
const WORKSPACES: &[&str] = &["", "web-client"];
/// What belongs to a workspace beside its packages.
const OF_A_WORKSPACE: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo/config.toml"];
/// What is in the place of a source.
const EMPTY_LIBRARY: &str = "//! Empty, for the skeleton.\n";
const EMPTY_PROGRAM: &str = "//! Empty, for the skeleton.\n\nfn main() {}\n";
/// This program, because whoever has the skeleton builds with it, and what is in the place of a crate that others are compiled on.
const WHOLE: &[&str] = &["xtask", "ruma-html"];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where to write it; there must be nothing yet
    folder: PathBuf,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    write(&paths::root(), WORKSPACES, &options.folder)?;
    ui::note(&format!("wrote the repository without its code to {}", options.folder.display()));
    Ok(())
}

fn write(root: &Path, workspaces: &[&str], folder: &Path) -> Result<()> {
    if folder.exists() {
        bail!("{} is there already; what it holds would mix with the skeleton", folder.display());
    }
    let skeleton = Skeleton { root, folder };
    for workspace in workspaces.iter().map(|workspace| root.join(workspace)) {
        for file in OF_A_WORKSPACE.iter().map(|file| workspace.join(file)).filter(|file| file.is_file()) {
            skeleton.copy(&file)?;
        }
        for package in packages::of(&workspace)? {
            skeleton.copy(&package.manifest_path)?;
            for target in &package.targets {
                if let Some(text) = stub(target) {
                    skeleton.write(&target.src_path, text)?;
                }
            }
            if WHOLE.contains(&package.name.as_str()) {
                skeleton.copy_below(package.manifest_path.parent().unwrap_or(root))?;
            }
        }
    }
    Ok(())
}

/// The least that compiles; nothing for what cargo finds by itself in folders that need not be there.
fn stub(target: &Target) -> Option<&'static str> {
    let is = |kinds: &[&str]| target.kind.iter().any(|kind| kinds.contains(&kind.as_str()));
    if is(&["example", "test"]) {
        return None;
    }
    // A benchmark is named in its manifest, so its source must be there.
    Some(if is(&["bin", "bench", "custom-build"]) { EMPTY_PROGRAM } else { EMPTY_LIBRARY })
}

struct Skeleton<'a> {
    root: &'a Path,
    folder: &'a Path,
}

impl Skeleton<'_> {
    /// The place of a file of the repository, with the folders above it.
    fn place(&self, file: &Path) -> Result<PathBuf> {
        let own = file.strip_prefix(self.root).with_context(|| format!("{} is outside", file.display()))?;
        let place = self.folder.join(own);
        fs::create_dir_all(place.parent().unwrap_or(self.folder))
            .with_context(|| format!("creating the folder of {}", place.display()))?;
        Ok(place)
    }

    fn write(&self, file: &Path, text: &str) -> Result<()> {
        let place = self.place(file)?;
        fs::write(&place, text).with_context(|| format!("writing {}", place.display()))
    }

    /// Copies a file with its time, from which cargo tells that it has compiled it.
    fn copy(&self, file: &Path) -> Result<()> {
        let place = self.place(file)?;
        let modified = fs::metadata(file).and_then(|metadata| metadata.modified());
        fs::copy(file, &place)
            .and_then(|_| fs::File::options().write(true).open(&place)?.set_modified(modified?))
            .with_context(|| format!("copying {} to {}", file.display(), place.display()))
    }

    fn copy_below(&self, folder: &Path) -> Result<()> {
        let built = |path: &Path| path.ends_with("target");
        paths::files_below(folder, &built)?.iter().try_for_each(|file| self.copy(file))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::{EMPTY_LIBRARY, EMPTY_PROGRAM, write};
    use crate::paths;

    const MANIFESTS: &[(&str, &str)] = &[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"xtask\"]\n"),
        ("Cargo.lock", "version = 4\n"),
        (".cargo/config.toml", "[env]\n"),
        ("one/Cargo.toml", "[package]\nname = \"one\"\nedition = \"2024\"\n[[bench]]\nname = \"speed\"\nharness = false\n"),
        ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\nedition = \"2024\"\n"),
        ("xtask/src/main.rs", "//! As it is.\nmod part;\nfn main() {}\n"),
        ("xtask/src/part.rs", "//! As it is, too.\n"),
        ("web/Cargo.toml", "[workspace]\n[package]\nname = \"web\"\nedition = \"2024\"\n"),
        ("web/Cargo.lock", "version = 4\n"),
    ];

    const CODE: &[&str] = &[
        "one/src/lib.rs",
        "one/src/part.rs",
        "one/src/bin/program.rs",
        "one/build.rs",
        "one/benches/speed.rs",
        "one/tests/it/main.rs",
        "one/tests/it/part.rs",
        "web/src/main.rs",
    ];

    fn put(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Names and texts of the skeleton of a repository, all of whose code is `code`.
    fn skeleton_with(code: &str) -> BTreeMap<String, String> {
        let repository = tempfile::tempdir().unwrap();
        MANIFESTS.iter().for_each(|(file, text)| put(repository.path(), file, text));
        CODE.iter().for_each(|file| put(repository.path(), file, code));
        put(repository.path(), "xtask/target/debug/xtask", "built");
        put(repository.path(), "README.md", code);
        let target = tempfile::tempdir().unwrap();
        let folder = target.path().join("skeleton");
        write(repository.path(), &["", "web"], &folder).unwrap();
        assert!(write(repository.path(), &["", "web"], &folder).is_err(), "it was written over itself");
        let files = paths::files_below(&folder, &|_| false).unwrap();
        let named = |path: &Path| path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        files.iter().map(|path| (named(path), fs::read_to_string(path).unwrap())).collect()
    }

    #[test]
    fn the_skeleton_is_the_same_for_all_code_and_has_every_target_that_ships() {
        let skeleton = skeleton_with("//! Some code.\n");
        assert_eq!(skeleton, skeleton_with("//! Other code.\n"));
        for (file, text) in MANIFESTS {
            assert_eq!(skeleton.get(*file).map(String::as_str), Some(*text), "{file}");
        }
        let stubs = skeleton.iter().filter(|(file, _)| MANIFESTS.iter().all(|(own, _)| own != file));
        let expected = [
            ("one/benches/speed.rs", EMPTY_PROGRAM),
            ("one/build.rs", EMPTY_PROGRAM),
            ("one/src/bin/program.rs", EMPTY_PROGRAM),
            ("one/src/lib.rs", EMPTY_LIBRARY),
            ("web/src/main.rs", EMPTY_PROGRAM),
        ];
        assert_eq!(stubs.map(|(file, text)| (file.as_str(), text.as_str())).collect::<Vec<_>>(), expected);
    }
}
