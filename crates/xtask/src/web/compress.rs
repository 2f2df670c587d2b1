//! Compressed siblings: `name.br` and `name.gz` beside every file that gains from it, so that the server compresses nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Context as _, Result, bail};

use crate::{paths, process};

/// Kinds of file that are text or code; images and fonts are compressed already.
const COMPRESSIBLE: &[&str] = &["wasm", "js", "css", "html", "svg", "json", "webmanifest", "txt"];
/// Smaller files fit into one packet anyway.
const SMALLEST_BYTES: u64 = 512;
/// How many compressors run at once.
const PARALLEL: usize = 4;

/// Writes the siblings of every file below `folder` that has none yet.
pub(crate) fn below(folder: &Path) -> Result<()> {
    let mut running: Vec<(PathBuf, Child)> = Vec::new();
    for file in paths::files_below(folder, &|_| false)? {
        let kind = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        let is_done = file.with_extension(format!("{kind}.br")).is_file();
        if is_done || !COMPRESSIBLE.contains(&kind.as_str()) || fs::metadata(&file)?.len() < SMALLEST_BYTES {
            continue;
        }
        // A wider window than brotli's usual one makes the module larger, not smaller.
        let brotli = ["--keep", "--force", "--best", "--lgwin=22"];
        for (program, arguments) in [("brotli", &brotli[..]), ("gzip", &["--keep", "--force", "-9n"])] {
            if running.len() >= PARALLEL {
                let (oldest, child) = running.remove(0);
                finish(&oldest, child)?;
            }
            let child = process::command(program).args(arguments).arg(&file).spawn();
            running.push((file.clone(), child.with_context(|| format!("starting {program}"))?));
        }
    }
    running.into_iter().try_for_each(|(file, child)| finish(&file, child))
}

fn finish(file: &Path, mut child: Child) -> Result<()> {
    if child.wait()?.success() {
        return Ok(());
    }
    bail!("compressing {} failed", file.display())
}
