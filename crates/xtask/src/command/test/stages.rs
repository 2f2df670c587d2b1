//! The stages themselves.

use std::env;
use std::process::Command;

use anyhow::Result;

use crate::command::test::stage::Stage;
use crate::command::{build, deps, format, fuzz, generate, rocksdb, tidy, web as client};
use crate::needs::{self, apt, browser, clients, network, proxies};
use crate::packages::{self, Package};
use crate::web::build::{self as web, Client, Profile};
use crate::web::size::Sizes;
use crate::{client_driver, compile, jobs, paths, process};

/// The black-box tests: they need the built server, so they are a stage of their own.
const BLACK_BOX: &str = "blackbox";
/// Where the Python packages of the tests are listed.
const PYTHON: &str = "tests/clients/python";

/// Every stage of this repository, the quick ones first.
pub(super) fn all() -> Vec<Stage> {
    vec![
        Stage { name: "format", what: "every Rust file is formatted", run: |_| format::check() },
        Stage {
            name: "tidy",
            what: "import table, module circles, file shapes, what the documentation names, lock files",
            run: tidy::run,
        },
        Stage {
            name: "deps",
            what: "dependencies: used, licensed, not doubled, without known faults",
            run: |_| deps::run(),
        },
        Stage { name: "build", what: "what ships, and everything that tests it, side by side", run: |_| build_everything() },
        Stage { name: "clippy", what: "lints, with warnings as errors", run: |_| clippy() },
        Stage { name: "size", what: "what a browser downloads is within its budget", run: |_| size() },
        Stage { name: "generate", what: "generated files are fresh", run: |_| generate::check() },
        Stage { name: "unit", what: "unit and property tests, and the simulation", run: |_| unit() },
        Stage { name: "http", what: "the real binary over HTTP: requests, bad input, crashes, tampering", run: |_| http() },
        Stage {
            name: "fuzz",
            what: "what people send and what a disk gives back, made up by libFuzzer",
            run: |_| fuzz::stage(),
        },
        Stage {
            name: "clients",
            what: "six Matrix clients written elsewhere against the real binary",
            run: |_| foreign_clients(),
        },
        Stage { name: "browser", what: "two Chromium profiles talk", run: |_| browser() },
    ]
}

/// All that later stages would compile, at once: while one program is linked on one core, others are compiled on the rest.
fn build_everything() -> Result<()> {
    needs::ensure_rust_components()?;
    build::build_beside(compile::everything())?;
    Ok(())
}

/// Lints run while the tests are compiled; here they are compiled unless that was done.
fn clippy() -> Result<()> {
    rocksdb::ensure()?;
    let client = Client::tested()?;
    let mut work = compile::tests(&[]);
    if !client.is_up_to_date()? {
        needs::ensure(needs::WEB)?;
        client.prepare()?;
        work.push(web::bindgen());
        work.extend(client.jobs());
    }
    jobs::run(work)
}

fn size() -> Result<()> {
    let client = Client::new(Profile::Release)?;
    if !client.is_up_to_date()? {
        build::build(&build::Options::HERE)?;
    }
    let sizes = Sizes::of(&paths::in_root(Profile::Release.folder()))?;
    sizes.tell();
    sizes.check()
}

fn unit() -> Result<()> {
    rocksdb::ensure()?;
    let mut tests = compile::native("test")?;
    tests.args(["--lib", "--bins"]);
    process::run(with_tests(&mut tests, |package| package.name != BLACK_BOX)?)?;
    process::run(compile::native("test")?.arg("--doc"))?;
    process::run(&mut compile::state()?)?;
    process::run(&mut web::bindgen_tests()?)
}

fn http() -> Result<()> {
    rocksdb::ensure()?;
    needs::ensure(needs::CLIENTS)?;
    let proxies = proxies::ensure()?;
    let mut tests = compile::native("test")?;
    with_tests(&mut tests, |package| package.name == BLACK_BOX)?;
    proxies.tell(&mut tests)?;
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
    needs::ensure(needs::PYTHON_CLIENTS)?;
    clients::node_modules("tests/clients/js")?;
    let driver = client_driver::ensure()?;
    let mut tests = process::command(clients::python(PYTHON, &["requirements.txt", "clients.txt", "s3.txt"])?);
    tests.args(["-m", "pytest", "--verbose"]).current_dir(paths::in_root("tests/clients"));
    process::run(under_test(&mut tests)?.env("HEARTH_CLIENT_DRIVER", driver))
}

fn browser() -> Result<()> {
    browser::ensure()?;
    if apt::is_root() {
        needs::ensure(network::NETWORK)?;
    }
    // What ships: it is compiled for size, so a call takes more of the browser's stack than in the client that is there sooner.
    let mut tests = browser::npm("test", &client::build(Profile::Release)?)?;
    process::run(under_test(proxies::ensure()?.tell(&mut tests)?)?)
}

/// The Python that has what most tests import.
fn python() -> Result<std::path::PathBuf> {
    clients::python(PYTHON, &["requirements.txt", "s3.txt"])
}

/// Tells a test which server to start: the one of these sources, also when the stage is run alone.
fn under_test(command: &mut Command) -> Result<&mut Command> {
    if env::var_os("HEARTH_BIN").is_some() {
        return Ok(command);
    }
    Ok(command.env("HEARTH_BIN", build::server()?))
}
