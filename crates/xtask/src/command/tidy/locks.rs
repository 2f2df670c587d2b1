//! npm's lock files: they must not name the host that one developer's packages came from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::paths;

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.file_name().is_some_and(|name| name == "package-lock.json")) {
        let text = fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))?;
        findings.extend(check_file(file, &text));
    }
    Ok(findings)
}

fn check_file(file: &Path, text: &str) -> Option<Finding> {
    let line = text.lines().position(|line| line.trim_start().starts_with("\"resolved\":"))?;
    let what = "records download addresses; `npm install --omit-lockfile-registry-resolved` writes it without";
    Some(Finding::new(file, line + 1, what))
}

#[cfg(test)]
mod tests {
    use super::check_file;
    use std::path::Path;

    #[test]
    fn a_download_address_is_found() {
        let file = Path::new("package-lock.json");
        assert_eq!(check_file(file, "{\n  \"integrity\": \"sha512-…\"\n}"), None);
        let finding = check_file(file, "{\n  \"resolved\": \"https://example.org/a.tgz\"\n}");
        assert_eq!(finding.map(|finding| finding.line), Some(2));
    }
}
