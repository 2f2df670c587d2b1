//! `SHA256SUMS`, in the form that `sha256sum --check` reads.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::{hash, paths};

const FILE: &str = "SHA256SUMS";

/// Writes the sums of everything in `dist` and gives back each file's name and size in bytes.
pub(super) fn write(dist: &Path) -> Result<Vec<(String, u64)>> {
    let mut sums = String::new();
    let mut files = Vec::new();
    for path in paths::files_below(dist, &|path| path.ends_with(FILE))? {
        let name = path.strip_prefix(dist).unwrap_or(&path).to_string_lossy().into_owned();
        sums.push_str(&format!("{}  {name}\n", hash::of_file(&path)?));
        files.push((name, fs::metadata(&path)?.len()));
    }
    fs::write(dist.join(FILE), &sums).with_context(|| format!("writing {FILE}"))?;
    files.push((FILE.to_owned(), sums.len() as u64));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::write;

    #[test]
    fn every_file_has_its_line_and_writing_again_changes_nothing() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("b.txt"), "abc").unwrap();
        fs::write(dist.path().join("a.txt"), "").unwrap();
        for _ in 0..2 {
            let files = write(dist.path()).unwrap();
            assert_eq!(files[..2], [("a.txt".to_owned(), 0), ("b.txt".to_owned(), 3)]);
            let sums = fs::read_to_string(dist.path().join("SHA256SUMS")).unwrap();
            assert_eq!(
                sums,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\n\
                 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt\n"
            );
        }
    }
}
