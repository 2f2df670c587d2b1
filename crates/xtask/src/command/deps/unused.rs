//! Dependencies that nothing uses: the package that declares them never names them.
//!
//! Imprecise on purpose: a mention anywhere in the code counts, also where a macro hides the use. It takes no compiling.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::packages::{Dependency, Package};
use crate::paths;

/// A line for each dependency that its package does not name. `files` are all files of the repository.
pub(super) fn in_packages(packages: &[Package], files: &[PathBuf]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for package in packages {
        let manifest = package.manifest_path.strip_prefix(paths::root()).unwrap_or(&package.manifest_path);
        let sources = sources(manifest.parent().unwrap_or(Path::new("")), files)?;
        for dependency in package.dependencies.iter().filter(|dependency| !is_used(dependency, &sources)) {
            findings.push(format!("{}: {}", manifest.display(), dependency.name));
        }
    }
    Ok(findings)
}

/// Entries of `[workspace.dependencies]` that no member declares. `declared` are the names that members declare.
pub(super) fn in_workspace(manifest: &str, declared: &BTreeSet<&str>) -> impl Iterator<Item = String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[workspace.dependencies]").skip(1);
    let entries = section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    // A line of a list that goes on begins with a space or a quotation mark.
    let names = entries.map(|(name, _)| name.trim_end()).filter(|name| !name.starts_with([' ', '#', '"']));
    names.filter(|name| !declared.contains(name)).map(str::to_owned)
}

/// A Rust file of a package.
struct Source {
    /// Ships: below `src`, as against tests, benchmarks and examples.
    is_product: bool,
    /// Without comments of whole lines.
    code: String,
}

/// The Rust files of the package in `folder`, without those of packages inside of it.
fn sources(folder: &Path, files: &[PathBuf]) -> Result<Vec<Source>> {
    let inner: Vec<&Path> = files
        .iter()
        .filter(|file| file.ends_with("Cargo.toml"))
        .filter_map(|file| file.parent())
        .filter(|inner| inner.starts_with(folder) && *inner != folder)
        .collect();
    let own = files.iter().filter(|file| file.starts_with(folder) && !inner.iter().any(|inner| file.starts_with(inner)));
    own.filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| {
            let text =
                fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))?;
            let is_product = file.strip_prefix(folder).is_ok_and(|inside| inside.starts_with("src"));
            Ok(Source { is_product, code: code(&text) })
        })
        .collect()
}

fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// Whether a source that can use the dependency names it: any for one of tests, those that ship for all others.
fn is_used(dependency: &Dependency, sources: &[Source]) -> bool {
    let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
    let is_for_tests = dependency.kind.as_deref() == Some("dev");
    sources.iter().filter(|source| is_for_tests || source.is_product).any(|source| names(&source.code, &name))
}

/// Whether `word` stands in `code` on its own.
fn names(code: &str, word: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    code.match_indices(word).any(|(at, _)| {
        let (before, rest) = code.split_at(at);
        !is_part(before.chars().next_back()) && !is_part(rest[word.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::{Source, code, in_workspace, is_used};
    use crate::packages::Dependency;

    fn dependency(name: &str, kind: Option<&str>, rename: Option<&str>) -> Dependency {
        Dependency { name: name.to_owned(), kind: kind.map(str::to_owned), path: None, rename: rename.map(str::to_owned) }
    }

    #[test]
    fn a_dependency_counts_as_used_where_code_names_it() {
        let source = |is_product, text: &str| Source { is_product, code: code(text) };
        let sources = [
            source(true, "// uses old_one\nuse rust_embed::RustEmbed;\nmod serde_helpers;\n#[derive(md5::Hash)]"),
            source(false, "use tower::ServiceExt;"),
        ];
        for (name, kind, rename, expected) in [
            ("rust-embed", None, None, true),
            ("old-one", None, None, false),
            ("serde", None, None, false),
            ("helpers", None, None, false),
            ("md-5", None, None, false),
            ("md-5", None, Some("md5"), true),
            ("tower", None, None, false),
            ("tower", Some("dev"), None, true),
            ("rust-embed", Some("dev"), None, true),
        ] {
            assert_eq!(is_used(&dependency(name, kind, rename), &sources), expected, "{name} {kind:?} {rename:?}");
        }
    }

    #[test]
    fn an_entry_of_the_workspace_that_no_member_declares_is_found() {
        let manifest = "[package]\nname = \"x\"\n[workspace.dependencies]\n# why = 1\nserde = \"1\"\nwalkdir = \"2\"\n\
                        ruma = { version = \"1\", features = [\n  \"a=b\",\n] }\n[profile.dev]\ndebug = 1\n";
        let found: Vec<String> = in_workspace(manifest, &["serde", "ruma"].into()).collect();
        assert_eq!(found, ["walkdir"]);
        assert_eq!(in_workspace("[package]\nname = \"x\"\n", &["serde"].into()).next(), None);
    }
}
