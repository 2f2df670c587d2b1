//! What the tests are made of, compiled: the lints ride along, so that nothing is compiled for them alone.
//!
//! A compiler that lints is clippy's driver. Cargo starts it for the repository's own packages in place of rustc; it compiles
//! as rustc does, and a warning is an error. Dependencies are compiled by rustc, once for tests and lints.

use std::process::Command;

use anyhow::Result;

use crate::command::{build, fuzz};
use crate::jobs::{Job, Priority, Report};
use crate::needs::{self, wasm};
use crate::{client_driver, lint, native_cargo, paths, targets};

/// The part of the web client that runs without a browser.
pub(crate) const WEB_STATE: &str = "hearth-web-state";

/// The names of the jobs.
const NATIVE: &str = "tests and lints";
const STATE: &str = "web client's state";

/// Everything native that the stages run, as jobs for the side of a build of what ships.
pub(crate) fn everything<'a>() -> Vec<Job<'a>> {
    let mut work = tests(&[build::ROCKSDB]);
    work.push(client_driver::job());
    work.push(fuzz::job());
    work
}

/// The tests and the lints of the native workspace and of the web client's state.
pub(crate) fn tests<'a>(after: &'static [&'static str]) -> Vec<Job<'a>> {
    vec![
        Job::new(NATIVE, Priority::Patient, after, |report: &Report| {
            report.run(native("test")?.args(["--all-targets", "--no-run"]))
        }),
        Job::new(STATE, Priority::Patient, &[], |report: &Report| report.run(state()?.arg("--no-run"))),
    ]
}

/// `cargo <subcommand> --workspace` in the profile of the tests, by a compiler that lints.
///
/// Always the whole workspace: cargo unites the features of what is selected, so with another selection the same
/// dependencies would be compiled once more.
pub(crate) fn native(subcommand: &str) -> Result<Command> {
    needs::ensure_rust_components()?;
    let mut command = native_cargo::compiling(subcommand)?;
    command.args(["--locked", "--workspace"]);
    lint::with(&mut command, &lint::native_driver()?);
    Ok(command)
}

/// `cargo test` of the web client's state, by a compiler that lints.
pub(crate) fn state() -> Result<Command> {
    let toolchain = wasm::for_new_native()?;
    let mut command = toolchain.native_cargo("test", &targets::web()?);
    command.current_dir(paths::in_root("web-client")).args(["--locked", "--package", WEB_STATE]);
    lint::with(&mut command, &toolchain.clippy_driver()?);
    Ok(command)
}
