//! Reading one package's entry in a Cargo.lock.

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

/// The lines of a package's entry, without the line that names it.
fn entry<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("[[package]]\nname = \"{package}\"\n");
    let (_, rest) = lock.split_once(&name)?;
    Some(rest.split_once("\n[[package]]").map_or(rest, |(own, _)| own))
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn an_entry_is_that_of_the_named_package_alone() {
        let lock = "version = 4\n\n[[package]]\nname = \"lz4-sys-more\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"lz4-sys\"\nversion = \"1.11.1\"\nchecksum = \"ab\"\n\n\
                    [[package]]\nname = \"zlib\"\nversion = \"3.0.0\"\n";
        assert_eq!(entry(lock, "lz4-sys"), Some("version = \"1.11.1\"\nchecksum = \"ab\"\n"));
        assert_eq!(entry(lock, "gone"), None);
    }
}
