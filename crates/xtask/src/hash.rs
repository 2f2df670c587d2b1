//! Content hashes: they name files that never change and tell whether a result still fits its inputs.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Collects named inputs and gives one digest over all of them, in the order in which they were added.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    /// Adds `bytes` under `name`. Lengths are hashed too, so that no two lists of inputs read the same.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        for part in [name.as_bytes(), bytes] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    /// Adds the file at `path` under `name`.
    pub(crate) fn add_file(&mut self, name: &str, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        self.add(name, &bytes);
        Ok(())
    }

    /// The first 16 hexadecimal digits: enough to tell versions of one file apart.
    pub(crate) fn short(self) -> String {
        self.0.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The SHA-256 of a file's content, in hexadecimal.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).with_context(|| format!("reading {}", path.display()))?;
        if count == 0 {
            return Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        digest.update(&buffer[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::Hasher;

    fn of(inputs: &[(&str, &str)]) -> String {
        let mut hasher = Hasher::new();
        for (name, bytes) in inputs {
            hasher.add(name, bytes.as_bytes());
        }
        hasher.short()
    }

    #[test]
    fn moving_a_byte_between_inputs_changes_the_digest() {
        assert_eq!(of(&[("a", "bc")]), of(&[("a", "bc")]));
        assert_ne!(of(&[("a", "bc")]), of(&[("ab", "c")]));
        assert_ne!(of(&[("a", "b"), ("c", "d")]), of(&[("a", "bcd")]));
    }
}
