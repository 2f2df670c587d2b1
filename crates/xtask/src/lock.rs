//! Reading one package's entry in a Cargo.lock.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

use crate::paths;

/// The `version` and `checksum` lines of `package` in the lock file at `path` (from the root), as one text.
///
/// Both together name the package's sources exactly.
pub(crate) fn identity(path: &str, package: &str) -> Result<String> {
    let text = fs::read_to_string(paths::in_root(path)).with_context(|| format!("reading {path}"))?;
    let found = entry(&text, package).with_context(|| format!("{path} does not name {package}"))?;
    let lines = found.lines().filter(|line| line.starts_with("version = ") || line.starts_with("checksum = "));
    Ok(lines.collect::<Vec<_>>().join(" "))
}

/// The SHA-256 of every package of a registry in the lock file at `path` (from the root), by name and version.
pub(crate) fn checksums(path: &str) -> Result<BTreeMap<(String, String), String>> {
    let text = fs::read_to_string(paths::in_root(path)).with_context(|| format!("reading {path}"))?;
    Ok(all_checksums(&text))
}

fn all_checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let entries = lock.split("[[package]]").skip(1);
    let of_entry = |entry: &str| {
        let value = |key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.map(|value| value.trim_end_matches('"').to_owned())
        };
        Some(((value("name")?, value("version")?), value("checksum")?))
    };
    entries.filter_map(of_entry).collect()
}

/// The names of the packages in a lock file that are in this repository: those that come from no registry.
pub(crate) fn own_packages(lock: &str) -> Vec<String> {
    let entries = lock.split("[[package]]\n").skip(1).filter(|entry| !entry.contains("\nsource = "));
    let name = |entry: &str| Some(entry.strip_prefix("name = \"")?.split_once('"')?.0.to_owned());
    entries.filter_map(name).collect()
}

/// The lines of a package's entry, without the line that names it.
fn entry<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("[[package]]\nname = \"{package}\"\n");
    let (_, rest) = lock.split_once(&name)?;
    Some(rest.split_once("\n[[package]]").map_or(rest, |(own, _)| own))
}

#[cfg(test)]
mod tests {
    use super::{all_checksums, entry, own_packages};

    #[test]
    fn an_entry_is_that_of_the_named_package_alone() {
        let lock = "version = 4\n\n[[package]]\nname = \"lz4-sys-more\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"lz4-sys\"\nversion = \"1.11.1\"\nchecksum = \"ab\"\n\n\
                    [[package]]\nname = \"zlib\"\nversion = \"3.0.0\"\n";
        assert_eq!(entry(lock, "lz4-sys"), Some("version = \"1.11.1\"\nchecksum = \"ab\"\n"));
        assert_eq!(entry(lock, "gone"), None);
    }

    #[test]
    fn what_no_registry_has_is_of_this_repository() {
        let lock = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"two\",\n]\n\n\
                    [[package]]\nname = \"two\"\nversion = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"ab\"\n";
        assert_eq!(own_packages(lock), ["own"]);
    }

    #[test]
    fn checksums_are_found_by_name_and_version() {
        let lock = "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"two\",\n]\n\n\
                    [[package]]\nname = \"two\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n\n\
                    [[package]]\nname = \"two\"\nversion = \"2.0.0\"\nchecksum = \"cd\"\n";
        let found = all_checksums(lock);
        let expected = [("1.0.0", "ab"), ("2.0.0", "cd")]
            .map(|(version, sum)| (("two".to_owned(), version.to_owned()), sum.to_owned()));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
}
