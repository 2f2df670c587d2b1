//! What a folder takes.

use std::{fs, path::Path};

/// Files of one folder that are counted. A storage of a terabyte has fewer.
const FILES_MAX: usize = 100_000;

/// The bytes of the files in a folder, not of those in folders below it. What goes away meanwhile, or cannot be read, counts nothing.
pub(super) fn of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let files = entries.take(FILES_MAX).filter_map(|entry| entry.ok()?.metadata().ok()).filter(fs::Metadata::is_file);
    files.map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn files_count_and_what_is_not_there_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of(&folder.path().join("none")), 0);
        std::fs::write(folder.path().join("a"), [0; 7]).unwrap();
        std::fs::write(folder.path().join("b"), [0; 35]).unwrap();
        std::fs::create_dir(folder.path().join("c")).unwrap();
        assert_eq!(of(folder.path()), 42);
    }
}
