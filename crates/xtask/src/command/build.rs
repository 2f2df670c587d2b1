//! `cargo xtask build`: the release server with the web client inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::{cargo, command, needs, targets, ui};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Leave the web client as it is in web-client/dist, or out when it was never built
    #[arg(long)]
    pub(crate) without_web: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let binary = build(options)?;
    ui::output(&binary.display().to_string())?;
    Ok(())
}

/// Builds the server and answers where its binary is.
pub(crate) fn build(options: &Options) -> Result<PathBuf> {
    needs::ensure(needs::NATIVE)?;
    if !options.without_web {
        command::web::build(&command::web::Options::default())?;
    }
    server()?;
    targets::server_binary()
}

/// Compiles the server alone.
pub(crate) fn server() -> Result<()> {
    let binary = targets::server_binary()?;
    if !binary.is_file() {
        ui::step("compiling the server (the first time on a machine this includes RocksDB: 10 to 20 minutes)");
    }
    cargo::build(&["hearth"])
}
