//! Which of RocksDB's sources are compiled together: a unit is a file that includes others.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// How many units the bulk of the sources makes: enough for the cores of a usual machine, few enough that the headers, which
/// are most of the work, are read seldom.
const UNITS: usize = 8;
/// In the crate's list, but the crate has a version of its own beside the list, with the release written into it.
const VERSION: &str = "util/build_version.cc";
/// Computes checksums, by instructions of the processor where it may.
const CHECKSUMS: &[&str] = &["util/crc32c.cc", "util/crc32c_arm64.cc"];

/// One file that is compiled.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) source: PathBuf,
    pub(super) is_checksum: bool,
}

impl Unit {
    /// The name of the object.
    pub(super) fn object(&self) -> PathBuf {
        PathBuf::from(self.source.file_name().unwrap_or_default()).with_extension("o")
    }
}

/// Writes the units of the crate in `folder` into `work`.
pub(super) fn write(folder: &Path, work: &Path) -> Result<Vec<Unit>> {
    let list = folder.join("rocksdb_lib_sources.txt");
    let text = fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let rocksdb = folder.join("rocksdb");
    let mut sized = Vec::new();
    for name in text.split_whitespace().filter(|name| *name != VERSION && !CHECKSUMS.contains(name)) {
        let path = rocksdb.join(name);
        let size = fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?.len();
        sized.push((path, size));
    }
    let mut units = Vec::new();
    for (index, part) in parts(&sized, UNITS).into_iter().enumerate() {
        let mut source = String::new();
        for (path, _) in part {
            writeln!(source, "#include \"{}\"", path.display())?;
        }
        let path = work.join(format!("unit_{index}.cc"));
        fs::write(&path, source).with_context(|| format!("writing {}", path.display()))?;
        units.push(Unit { source: path, is_checksum: false });
    }
    units.push(Unit { source: folder.join("build_version.cc"), is_checksum: false });
    let listed = |name: &&&str| text.split_whitespace().any(|own| own == **name);
    units.extend(CHECKSUMS.iter().filter(listed).map(|name| Unit { source: rocksdb.join(name), is_checksum: true }));
    Ok(units)
}

/// Cuts a list into `count` runs of about the same size, in the list's own order.
fn parts<T>(sized: &[(T, u64)], count: usize) -> Vec<&[(T, u64)]> {
    let total: u64 = sized.iter().map(|(_, size)| size).sum();
    let mut parts = Vec::new();
    let (mut start, mut sum) = (0, 0);
    for (index, (_, size)) in sized.iter().enumerate() {
        sum += size;
        let is_full = sum * count as u64 >= total * (parts.len() as u64 + 1);
        if is_full || index + 1 == sized.len() {
            parts.push(&sized[start..=index]);
            start = index + 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_hold_everything_once_and_in_order() {
        for (sizes, count) in [(vec![5, 5, 5, 5], 2), (vec![1, 1, 100, 1, 1], 3), (vec![7], 4), (vec![], 3), (vec![0, 0], 2)]
        {
            let sized: Vec<(usize, u64)> = sizes.iter().copied().enumerate().collect();
            let cut = parts(&sized, count);
            assert!(cut.len() <= count, "{sizes:?}");
            assert_eq!(cut.concat(), sized, "{sizes:?}");
        }
        let even: Vec<(usize, u64)> = (0..40).map(|index| (index, 10)).collect();
        assert!(parts(&even, 8).iter().all(|part| part.len() == 5));
    }
}
