//! `cargo xtask fuzz`: libFuzzer makes up what people may send and what a disk may give back; see `fuzz/`.
//!
//! The instrumentation is a pass of the stable compiler. There is no sanitizer, which would need a nightly one: the crates
//! have no unsafe code of their own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::jobs::{self, Job, Priority, Report};
use crate::{cargo, paths, process, targets};

/// The workspace, from the root.
const FOLDER: &str = "fuzz";
/// Its targets, which are programs.
const TARGETS: [&str; 6] = ["filters", "ranges", "records", "requests", "stun", "uploads"];
/// How long the stage lets each of them run, in seconds.
const STAGE_SECONDS: u32 = 20;
/// One input that takes longer is a fault, in seconds.
const INPUT_SECONDS_MAX: u32 = 20;
/// A target that takes more memory has found a fault, in MiB.
const MEMORY_MIB_MAX: u32 = 1_024;
/// The longest input, in bytes.
const INPUT_BYTES_MAX: u32 = 4_096;

/// What makes the compiler count which branches are taken and what is compared.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // With more, the linker drops counters of one unit that the tables of another name.
    "-Ccodegen-units=1",
    "--cfg",
    "fuzzing",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only this target; all of them side by side when none is named
    #[arg(value_parser = TARGETS)]
    target: Option<String>,
    /// For how long each runs
    #[arg(long, default_value_t = STAGE_SECONDS)]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen = TARGETS.into_iter().filter(|name| options.target.as_ref().is_none_or(|target| target == name));
    fuzz(chosen, options.seconds)
}

/// Every target, as long as CI lets it run.
pub(crate) fn stage() -> Result<()> {
    fuzz(TARGETS.into_iter(), STAGE_SECONDS)
}

fn fuzz(chosen: impl Iterator<Item = &'static str>, seconds: u32) -> Result<()> {
    jobs::run(vec![job()])?;
    let programs = targets::fuzz()?.join(targets::MACHINE).join("debug");
    let work = chosen.map(|name| {
        let mut target = command(&programs, name, seconds)?;
        Ok(Job::new(name, Priority::Patient, &[], move |report: &Report| report.run(&mut target)))
    });
    jobs::run(work.collect::<Result<_>>()?).with_context(|| {
        format!("an input that found a fault is in {FOLDER}/artifacts; the target's program takes it as its argument")
    })
}

/// Compiles all targets.
pub(crate) fn job<'a>() -> Job<'a> {
    Job::new("fuzz targets", Priority::Patient, &[], |report: &Report| {
        // A target that is named keeps the flags away from build scripts and macros.
        let mut build = cargo::command("build");
        build.current_dir(paths::in_root(FOLDER)).args(["--locked", "--bins", "--target", targets::MACHINE]);
        build.env("CARGO_TARGET_DIR", targets::fuzz()?).env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}"));
        report.run(&mut build)
    })
}

/// libFuzzer on one target. What it learns stays in the cache, and begins with the seeds of the repository.
fn command(programs: &Path, name: &str, seconds: u32) -> Result<Command> {
    let corpus = paths::cache("fuzz-corpus")?.join(name);
    let artifacts = paths::in_root(FOLDER).join("artifacts").join(name);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    let seeds = paths::in_root(FOLDER).join("seeds").join(name);
    if !seeds.is_dir() {
        bail!("{} has no seeds", seeds.display());
    }
    let mut target = process::command(programs.join(name));
    target.arg(corpus).arg(seeds).arg(format!("-artifact_prefix={}/", artifacts.display()));
    target.arg(format!("-dict={}", paths::in_root(FOLDER).join("words.dict").display()));
    target.arg("-print_final_stats=1").arg(format!("-max_total_time={seconds}"));
    target.arg(format!("-timeout={INPUT_SECONDS_MAX}")).arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"));
    target.arg(format!("-max_len={INPUT_BYTES_MAX}"));
    Ok(target)
}
