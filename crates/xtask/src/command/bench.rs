//! `cargo xtask bench`: criterion's benchmarks of the parts, then a message load on a whole server.

use anyhow::Result;

use crate::command::{build, rocksdb, web as client};
use crate::needs::browser;
use crate::server::Server;
use crate::web::build::Profile;
use crate::{native_cargo, packages, process, targets, ui};

/// What the load tool does unless told otherwise: full speed, then a steady rate, then polls that wait for nothing.
const LOAD: &[&str] = &["--rate", "200", "--idle-polls", "1000"];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Put the load on this Matrix server instead of one started here; repeat it to compare servers in one run
    #[arg(long = "url")]
    urls: Vec<String>,
    /// Only the load
    #[arg(long, conflicts_with = "only_parts")]
    only_load: bool,
    /// Only the web client that ships, in Chromium: a long chat, what keeps a page busy, a day of messages. `BENCH_MESSAGES` says how many
    #[arg(long, conflicts_with_all = ["only_parts", "only_load", "urls"])]
    web: bool,
    /// Only the criterion benchmarks
    #[arg(long)]
    only_parts: bool,
    /// Arguments for the load tool, instead of the usual ones
    #[arg(last = true)]
    load: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    rocksdb::ensure()?;
    if options.web {
        return web();
    }
    if !options.only_load && options.urls.is_empty() {
        parts()?;
    }
    if !options.only_parts {
        load(options)?;
    }
    Ok(())
}

/// Every benchmark of the workspace, in the profile that everything else is built in.
fn parts() -> Result<()> {
    let packages = packages::workspace()?;
    let benches: Vec<&str> = packages.iter().flat_map(|package| package.targets_of_kind("bench")).collect();
    ui::step(&format!("benchmarks: {}", benches.join(", ")));
    let mut command = native_cargo::compiling("bench")?;
    command.args(["--profile", "release", "--workspace"]);
    process::run(command.args(benches.iter().flat_map(|bench| ["--bench", bench])))
}

/// What people wait for in the browser.
fn web() -> Result<()> {
    browser::ensure()?;
    let (server, client) = (build::shipping_server()?, client::build(Profile::Release)?);
    ui::step("the web client in Chromium");
    process::run(browser::npm("bench", &client)?.env("HEARTH_BIN", server))
}

fn load(options: &Options) -> Result<()> {
    let own = options.urls.is_empty();
    process::run(&mut native_cargo::build_program("load", targets::Profile::Release)?)?;
    let mut tool = process::command(targets::native()?.join("release/load"));
    if options.load.is_empty() {
        tool.args(LOAD);
    } else {
        tool.args(&options.load);
    }
    if !own {
        ui::step(&format!("message load on {}", options.urls.join(" and ")));
        return process::run(tool.args(options.urls.iter().flat_map(|url| ["--url", url])));
    }
    let server = Server::start(&build::shipping_server()?)?;
    ui::step(&format!("message load on a fresh server at {}", server.url()));
    process::run(tool.args(["--url", server.url(), "--server-pid", &server.pid().to_string()]))
}
