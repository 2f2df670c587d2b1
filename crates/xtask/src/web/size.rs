//! How large the web client is for who downloads it.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::{paths, ui};

/// What wasm and JavaScript may weigh together, compressed with brotli, in bytes.
const BUDGET_BYTES: u64 = 2_800_000;

/// The sums over a packed client, in bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Wasm and JavaScript as they are.
    code: u64,
    /// The same, by brotli.
    code_brotli: u64,
    /// Everything that has a compressed form, by brotli and by gzip.
    brotli: u64,
    gzip: u64,
}

impl Sizes {
    /// Adds up what is in `dist`.
    pub(crate) fn of(dist: &Path) -> Result<Self> {
        let mut sizes = Self::default();
        for file in paths::files_below(dist, &|_| false)? {
            sizes.add(&file.to_string_lossy(), fs::metadata(&file)?.len());
        }
        Ok(sizes)
    }

    fn add(&mut self, name: &str, bytes: u64) {
        let is_code = |name: &str| name.ends_with(".wasm") || name.ends_with(".js");
        if is_code(name) {
            self.code += bytes;
        } else if let Some(plain) = name.strip_suffix(".br") {
            self.brotli += bytes;
            if is_code(plain) {
                self.code_brotli += bytes;
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
        if self.code_brotli > BUDGET_BYTES {
            let [own, most] = [self.code_brotli, BUDGET_BYTES].map(ui::bytes);
            bail!(
                "wasm and JavaScript are {own} by brotli and may be {most}: take out what has grown, or say in a decision note why not"
            );
        }
        Ok(())
    }

    /// One line for who built it.
    pub(crate) fn tell(&self) {
        let [code, brotli, gzip] = [self.code, self.brotli, self.gzip].map(ui::bytes);
        ui::note(&format!("web client: {code} of wasm and JavaScript; over the wire {brotli} brotli, {gzip} gzip"));
    }
}

#[cfg(test)]
mod tests {
    use super::{BUDGET_BYTES, Sizes};

    #[test]
    fn only_code_counts_against_the_budget() {
        let mut sizes = Sizes::default();
        assert!(sizes.check().is_err(), "nothing at all is no client");
        let files =
            [("app/1/a.wasm", 900), ("app/1/a.wasm.br", 300), ("app/1/a.js.br", 20), ("index.html.br", 7), ("a.js.gz", 9)];
        files.iter().for_each(|(name, bytes)| sizes.add(name, *bytes));
        assert_eq!(sizes, Sizes { code: 900, code_brotli: 320, brotli: 327, gzip: 9 });
        assert!(sizes.check().is_ok());
        sizes.add("app/1/b.wasm.br", BUDGET_BYTES - 320);
        assert!(sizes.check().is_ok());
        sizes.add("app/1/c.js.br", 1);
        assert!(sizes.check().unwrap_err().to_string().contains("2.80 MB"));
    }
}
