//! How large the web client is for who downloads it.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::{paths, ui};

/// What wasm and JavaScript of the first load may weigh together, compressed with brotli, in bytes.
const BUDGET_BYTES: u64 = 2_800_000;
/// How the names of those modules begin that are loaded when they are used (`web-client/src/later.rs`).
const PARTS: [&str; 2] = ["split_", "chunk_"];

/// The sums over a packed client, in bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Wasm and JavaScript of the first load as they are.
    code: u64,
    /// The same, by brotli.
    code_brotli: u64,
    /// What is loaded when it is used, by brotli.
    parts_brotli: u64,
    /// Everything that has a compressed form, by brotli and by gzip.
    brotli: u64,
    gzip: u64,
}

impl Sizes {
    /// Adds up what is in `dist`.
    pub(crate) fn of(dist: &Path) -> Result<Self> {
        let mut sizes = Self::default();
        for file in paths::files_below(dist, &|_| false)? {
            sizes.add(&file.file_name().unwrap_or_default().to_string_lossy(), fs::metadata(&file)?.len());
        }
        Ok(sizes)
    }

    fn add(&mut self, name: &str, bytes: u64) {
        let is_code = |name: &str| name.ends_with(".wasm") || name.ends_with(".js");
        let is_part = PARTS.iter().any(|part| name.starts_with(part));
        if is_code(name) && !is_part {
            self.code += bytes;
        } else if let Some(plain) = name.strip_suffix(".br") {
            self.brotli += bytes;
            match (is_code(plain), is_part) {
                (true, true) => self.parts_brotli += bytes,
                (true, false) => self.code_brotli += bytes,
                (false, _) => {}
            }
        } else if name.ends_with(".gz") {
            self.gzip += bytes;
        }
    }

    /// Fails when the code has outgrown its budget.
    pub(crate) fn check(&self) -> Result<()> {
        if self.code_brotli == 0 {
            bail!("nothing in web-client/dist is compressed; `cargo xtask web` builds what ships");
        }
        if self.parts_brotli == 0 {
            bail!(
                "the web client is one piece, although `later!` says what to take out: was it linked with `--emit-relocs`?"
            );
        }
        if self.code_brotli > BUDGET_BYTES {
            let [own, most] = [self.code_brotli, BUDGET_BYTES].map(ui::bytes);
            bail!(
                "wasm and JavaScript of the first load are {own} by brotli and may be {most}: load later what few open, take out what has grown, or say in a decision note why not"
            );
        }
        Ok(())
    }

    /// One line for who built it.
    pub(crate) fn tell(&self) {
        let [code, first, parts, brotli, gzip] =
            [self.code, self.code_brotli, self.parts_brotli, self.brotli, self.gzip].map(ui::bytes);
        ui::note(&format!(
            "web client: {code} of wasm and JavaScript at first, {first} by brotli, and {parts} when they are used; everything over the wire {brotli} brotli, {gzip} gzip"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::{BUDGET_BYTES, Sizes};

    #[test]
    fn only_code_counts_against_the_budget() {
        let mut sizes = Sizes::default();
        assert!(sizes.check().is_err(), "nothing at all is no client");
        let files = [("a.wasm", 900), ("a.wasm.br", 300), ("a.js.br", 20), ("index.html.br", 7), ("a.js.gz", 9)];
        files.iter().for_each(|(name, bytes)| sizes.add(name, *bytes));
        assert_eq!(sizes, Sizes { code: 900, code_brotli: 320, brotli: 327, gzip: 9, parts_brotli: 0 });
        assert!(sizes.check().unwrap_err().to_string().contains("one piece"));
        [("split_a.wasm", 50), ("split_a.wasm.br", 10), ("chunk_1.wasm.br", 2)]
            .iter()
            .for_each(|(name, bytes)| sizes.add(name, *bytes));
        assert_eq!(sizes, Sizes { code: 900, code_brotli: 320, brotli: 339, gzip: 9, parts_brotli: 12 });
        assert!(sizes.check().is_ok());
        sizes.add("b.wasm.br", BUDGET_BYTES - 320);
        assert!(sizes.check().is_ok());
        sizes.add("c.js.br", 1);
        assert!(sizes.check().unwrap_err().to_string().contains("2.80 MB"));
    }
}
