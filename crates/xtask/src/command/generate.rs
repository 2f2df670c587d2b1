//! `cargo xtask generate`: files that are written by the code they describe, and committed.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::{native_cargo, paths, process, ui};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail when a file is not what the code would write
    #[arg(long)]
    check: bool,
}

/// A generated file, and the package and its example that print it.
const FILES: &[(&str, &str, &str)] = &[
    ("config.example.toml", "config", "config_example"),
    ("docs/facts.md", "domain", "facts_page"),
    ("docs/budgets.md", "api", "budgets_page"),
    ("docs/spec-coverage.md", "api", "spec_coverage_page"),
    ("web-client/assets/emoji.txt", "xtask", "emoji_table"),
];

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check { check() } else { write() }
}

/// Fails unless every generated file is fresh.
pub(crate) fn check() -> Result<()> {
    for (file, package, example) in FILES {
        let committed = fs::read_to_string(paths::in_root(file)).with_context(|| format!("reading {file}"))?;
        if committed != printed(package, example)? {
            bail!("{file} is not what the code describes; `cargo xtask generate` writes it anew");
        }
    }
    Ok(())
}

fn write() -> Result<()> {
    for (file, package, example) in FILES {
        let path = paths::in_root(file);
        let text = printed(package, example)?;
        if fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            ui::note(&format!("{file} is fresh"));
            continue;
        }
        fs::write(&path, text).with_context(|| format!("writing {file}"))?;
        ui::note(&format!("wrote {file}"));
    }
    Ok(())
}

fn printed(package: &str, example: &str) -> Result<String> {
    process::read(native_cargo::compiling("run")?.args(["--quiet", "--locked", "--package", package, "--example", example]))
}
