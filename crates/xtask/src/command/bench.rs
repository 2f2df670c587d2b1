//! `cargo xtask bench`: criterion's benchmarks of the parts, then a message load on a whole server.

use anyhow::Result;

use crate::server::Server;
use crate::{cargo, command::build, needs, packages, process, ui};

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
    for package in packages::workspace()? {
        for bench in package.targets_of_kind("bench") {
            ui::step(&format!("benchmark {} of {}", bench, package.name));
            let mut command = cargo::command("bench")?;
            process::run(command.args(["--profile", "release", "--package", &package.name, "--bench", bench]))?;
        }
    }
    Ok(())
}

fn load(options: &Options) -> Result<()> {
    process::run(cargo::command("build")?.args(["--release", "--package", "load"]))?;
    let mut tool = cargo::command("run")?;
    tool.args(["--quiet", "--release", "--package", "load", "--"]);
    if let Some(url) = &options.url {
        ui::step(&format!("message load on {url}"));
        return process::run(tool.args(["--url", url]).args(&options.load));
    }
    build::build(&build::Options { without_web: true })?;
    let server = Server::start()?;
    ui::step(&format!("message load on a fresh server at {}", server.url()));
    process::run(tool.args(["--url", server.url(), "--pid", &server.pid().to_string()]).args(&options.load))
}
