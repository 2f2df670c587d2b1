//! `cargo xtask web --watch`: a server of one's own that serves the client of the moment, and a new client after each change.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};

use crate::command::build;
use crate::command::web::client;
use crate::web::build::{self as web, Client, Profile};
use crate::{needs, paths, process, ui};

/// How often the sources are looked at.
const LOOK: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// With --watch: the address that the server listens on
    #[arg(long, default_value = "127.0.0.1:8008", requires = "watch")]
    listen: String,
    /// With --watch: the folder for everything the server keeps
    #[arg(long, default_value = "data", requires = "watch")]
    data: String,
}

pub(super) fn run(options: &Options) -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    needs::ensure(needs::WEB)?;
    let server = build::server()?;
    client::make(&Client::watched()?)?;
    let mut command = process::command(server);
    command.args(["serve", "--listen", &options.listen, "--data", &options.data]);
    command.env("HEARTH_WEB_CLIENT", paths::in_root(Profile::Fast.folder()));
    if std::env::var_os("HEARTH_REGISTRATION").is_none() {
        command.env("HEARTH_REGISTRATION", "open");
    }
    let mut child = command.spawn().context("starting the server")?;
    ui::step(&format!("watching web-client; the page is http://{}", options.listen.replace("127.0.0.1", "localhost")));
    let mut seen = state()?;
    // The pause between two looks is a wait for the server, without which there is nothing to watch for.
    while !process::ends_within(&mut child, LOOK)? {
        let now = state()?;
        if now != seen {
            seen = now;
            if let Err(error) = Client::watched().and_then(|changed| client::make(&changed)) {
                ui::failure(&error);
                ui::note("waiting for the next change");
            }
        }
    }
    bail!("the server has ended; it says why above")
}

/// Names and times of the sources.
fn state() -> Result<Vec<(PathBuf, SystemTime)>> {
    let mut state = Vec::new();
    for file in web::inputs()? {
        // A file that goes away while it is looked at is seen as gone by the next look.
        if let Ok(time) = file.metadata().and_then(|metadata| metadata.modified()) {
            state.push((file, time));
        }
    }
    Ok(state)
}
