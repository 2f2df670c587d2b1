//! The stages themselves.

use std::env;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command::test::Stage;
use crate::command::{build, generate, tidy};
use crate::needs::{self, apt, clients, network, wasm};
use crate::packages::{self, Package};
use crate::{cargo, paths, process, targets};

/// Workspaces of their own, beside the native one.
const OTHER_WORKSPACES: &[&str] = &["web-client/Cargo.toml", "tests/clients/rust/Cargo.toml"];
/// The black-box tests: they need the built server, so they are a stage of their own.
const BLACK_BOX: &str = "blackbox";
/// The part of the web client that runs without a browser.
const WEB_STATE: &str = "hearth-web-state";

/// Every stage of this repository, the quick ones first.
pub(super) fn all() -> Vec<Stage> {
    vec![
        Stage { name: "format", what: "every Rust file is formatted", run: format },
        Stage { name: "tidy", what: "import table, file shapes, documentation links, lock files", run: tidy::run },
        Stage { name: "build", what: "the release server with the web client inside", run: build_server },
        Stage { name: "clippy", what: "lints, with warnings as errors", run: clippy },
        Stage { name: "generate", what: "generated files are fresh", run: generate::check },
        Stage { name: "unit", what: "unit and property tests, and the simulation", run: unit },
        Stage { name: "http", what: "the real binary over HTTP: requests, bad input, crashes, tampering", run: http },
        Stage {
            name: "clients",
            what: "matrix-sdk, matrix-js-sdk and matrix-nio against the real binary",
            run: foreign_clients,
        },
        Stage { name: "browser", what: "two Chromium profiles talk", run: browser },
    ]
}

fn format() -> Result<()> {
    needs::ensure_rust_components()?;
    process::run(cargo::command("fmt")?.args(["--all", "--check"]))?;
    for manifest in OTHER_WORKSPACES {
        process::run(cargo::command("fmt")?.args(["--all", "--check", "--manifest-path", manifest]))?;
    }
    Ok(())
}

fn build_server() -> Result<()> {
    build::build(&build::Options { without_web: false }).map(drop)
}

fn clippy() -> Result<()> {
    needs::ensure_rust_components()?;
    needs::ensure(needs::NATIVE)?;
    // The release profile here too: with another one RocksDB would be compiled a second time.
    process::run(cargo::workspace("clippy")?.args(["--all-targets", "--", "--deny", "warnings"]))?;
    // The web client's own logic is plain Rust; the rest of it takes a clippy as new as its compiler, which not everybody has.
    let mut client = cargo::command("clippy")?;
    client.args(["--locked", "--package", WEB_STATE, "--all-targets", "--ignore-rust-version", "--", "--deny", "warnings"]);
    client.env("CARGO_TARGET_DIR", targets::web()?);
    process::run(client.current_dir(paths::in_root("web-client")))
}

fn unit() -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    let mut tests = cargo::workspace("test")?;
    tests.args(["--lib", "--bins"]);
    process::run(with_tests(&mut tests, |package| package.name != BLACK_BOX)?)?;
    process::run(cargo::workspace("test")?.arg("--doc"))?;
    let target = targets::web()?;
    let mut client = wasm::for_new_native()?.native_cargo("test", &target);
    process::run(client.current_dir(paths::in_root("web-client")).args(["--locked", "--package", WEB_STATE]))
}

fn http() -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    needs::ensure(needs::CLIENTS)?;
    let mut tests = cargo::workspace("test")?;
    with_tests(&mut tests, |package| package.name == BLACK_BOX)?;
    process::run(under_test(&mut tests)?.env("HEARTH_PYTHON", python()?))
}

/// Names the integration tests of the packages that `belongs` picks.
fn with_tests(command: &mut Command, belongs: fn(&Package) -> bool) -> Result<&mut Command> {
    let packages = packages::workspace()?;
    let tests = packages.iter().filter(|package| belongs(package)).flat_map(|package| package.targets_of_kind("test"));
    Ok(command.args(tests.flat_map(|test| ["--test", test])))
}

fn foreign_clients() -> Result<()> {
    needs::ensure(needs::CLIENTS)?;
    clients::node_modules("tests/clients/js")?;
    let target = targets::clients()?;
    let mut driver = wasm::for_new_native()?.native_cargo("build", &target);
    process::run(driver.current_dir(paths::in_root("tests/clients/rust")).arg("--locked"))?;
    let mut tests = process::command(python()?);
    tests.args(["-m", "pytest", "--verbose"]).current_dir(paths::in_root("tests/clients"));
    process::run(under_test(&mut tests)?.env("CLIENTS_TARGET_DIR", target))
}

fn browser() -> Result<()> {
    needs::ensure(needs::BROWSER)?;
    if apt::is_root() {
        needs::ensure(network::NETWORK)?;
    }
    clients::node_modules("tests/browser")?;
    let mut tests = process::command("npm");
    tests.args(["test"]).current_dir(paths::in_root("tests/browser"));
    let chromium = needs::chromium().context("no Chromium was found")?;
    process::run(under_test(&mut tests)?.env("HEARTH_CHROMIUM", chromium))
}

/// The Python that has what the tests import.
fn python() -> Result<std::path::PathBuf> {
    clients::python("tests/clients/python/requirements.txt")
}

/// Tells a test which server to start: the one of these sources, also when the stage is run alone.
fn under_test(command: &mut Command) -> Result<&mut Command> {
    if env::var_os("HEARTH_BIN").is_some() {
        return Ok(command);
    }
    build::server()?;
    Ok(command.env("HEARTH_BIN", targets::server_binary()?))
}
