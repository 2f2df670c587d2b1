//! `cargo xtask run`: builds what is not built, then becomes the server.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::command::build;
use crate::{process, ui};

// Without a group of its own: it would be called as that of the options inside it, after the type.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    #[command(flatten)]
    build: build::Options,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:8008")]
    listen: String,
    /// The folder for everything the server keeps
    #[arg(long, default_value = "data")]
    data: String,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let binary = build::build(&options.build)?;
    let address = options.listen.replace("127.0.0.1", "localhost");
    ui::step(&format!("starting Hearth on http://{address} with its data in ./{}", options.data));
    let mut server = process::command(binary);
    server.args(["serve", "--listen", &options.listen, "--data", &options.data]);
    if std::env::var_os("HEARTH_REGISTRATION").is_none() {
        server.env("HEARTH_REGISTRATION", "open");
    }
    // The server takes this process's place, so that Ctrl-C and signals reach it and nothing stands between.
    Err(server.exec()).context("starting the server")
}
