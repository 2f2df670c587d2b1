//! `cargo xtask web`: the web client, compiled, packed and compressed.
//!
//! A build is kept in the cache under the hash of its inputs, so that a fresh clone of the same source compiles nothing.

use std::path::PathBuf;

use anyhow::Result;

use crate::paths;
use crate::web::build::{Client, Profile};

mod client;
mod watch;

// Without a group of its own: it would be called as that of the options inside it, after the type.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Compile with the `fast` profile into web-client/dist-fast, for work on the client itself: larger and slower, but there
    /// sooner
    #[arg(long)]
    fast: bool,
    /// Build with the `fast` profile whenever a source changes, beside a server that serves the result; the page reloads
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    server: watch::Options,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.watch {
        return watch::run(&options.server);
    }
    build(if options.fast { Profile::Fast } else { Profile::Release }).map(drop)
}

/// Brings the folder of a profile up to date and answers where it is.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    client::make(&Client::new(profile)?)?;
    Ok(paths::in_root(profile.folder()))
}
