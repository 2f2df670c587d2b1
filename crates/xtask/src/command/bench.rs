//! `cargo xtask bench`: criterion's benchmarks of the parts, then a message load on a whole server.

use anyhow::Result;

use crate::server::Server;
use crate::{cargo, needs, packages, paths, process, ui};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Put the load on this Matrix server instead of one started here, so that peers can be compared
    #[arg(long)]
    url: Option<String>,
    /// Only the load
    #[arg(long, conflicts_with = "only_parts")]
    only_load: bool,
    /// Only the criterion benchmarks
    #[arg(long)]
    only_parts: bool,
    /// Passed on to the load tool
    #[arg(last = true)]
    load: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    if !options.only_load && options.url.is_none() {
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
    let mut command = cargo::command("bench")?;
    command.args(["--profile", "release", "--workspace"]);
    process::run(command.args(benches.iter().flat_map(|bench| ["--bench", bench])))
}

fn load(options: &Options) -> Result<()> {
    if options.url.is_some() {
        cargo::build(&["load"])?;
    } else {
        cargo::build(&["hearth", "load"])?;
    }
    let mut tool = process::command(paths::native_target()?.join("release/load"));
    if let Some(url) = &options.url {
        ui::step(&format!("message load on {url}"));
        return process::run(tool.args(["--url", url]).args(&options.load));
    }
    let server = Server::start()?;
    ui::step(&format!("message load on a fresh server at {}", server.url()));
    process::run(tool.args(["--url", server.url(), "--pid", &server.pid().to_string()]).args(&options.load))
}
