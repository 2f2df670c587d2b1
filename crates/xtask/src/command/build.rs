//! `cargo xtask build`: the release server with the web client inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::jobs::{self, Job, Priority};
use crate::web::build::{self as web, Client, PACK, Profile};
use crate::{needs, rocksdb, targets, ui};

mod dependencies;
mod native;

pub(crate) use native::ROCKSDB;
use native::SERVER;

/// The name of the job that puts the client into the server.
const EMBED: &str = "server with its client";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Leave the web client as it is in web-client/dist, or out when it was never built
    #[arg(long)]
    pub(crate) without_web: bool,
    /// Optimise it as one program, as what ships is: a change then takes minutes to compile, and a message costs a fifth less
    #[arg(long)]
    pub(crate) dist: bool,
}

impl Options {
    /// With the web client, as it ships.
    pub(crate) const SHIPS: Self = Self { without_web: false, dist: true };
    /// With the web client, and sooner.
    pub(crate) const HERE: Self = Self { without_web: false, dist: false };

    fn profile(&self) -> targets::Profile {
        if self.dist { targets::Profile::Dist } else { targets::Profile::Release }
    }
}

// Without a group of its own: it would be called as that of the options inside it, after the type.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Compile only what others wrote; it is for the image, where the skeleton is in the place of the repository
    #[arg(long, conflicts_with = "without_web")]
    dependencies: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.dependencies {
        return dependencies::build(arguments.options.profile());
    }
    let binary = build(&arguments.options)?;
    ui::output(&binary.display().to_string())?;
    Ok(())
}

/// Builds the server and answers where its binary is.
pub(crate) fn build(options: &Options) -> Result<PathBuf> {
    let client = if options.without_web { None } else { Some(Client::new(Profile::Release)?) };
    build_with(options.profile(), client, Vec::new())
}

/// Builds the server with its client, linted, beside other work that may wait for [`ROCKSDB`].
pub(crate) fn build_beside(work: Vec<Job<'_>>) -> Result<PathBuf> {
    build_with(Options::HERE.profile(), Some(Client::tested()?), work)
}

fn build_with(profile: targets::Profile, client: Option<Client>, mut work: Vec<Job<'_>>) -> Result<PathBuf> {
    needs::ensure(needs::NATIVE)?;
    let client = match client {
        Some(client) if !client.is_up_to_date()? => client,
        _ => {
            work.extend(native::jobs(profile));
            announce(rocksdb::is_missing()?, "the first time on a machine this takes about five minutes on two cores");
            jobs::run(work)?;
            return targets::server_binary(profile);
        }
    };
    needs::ensure(needs::WEB)?;
    client.prepare()?;
    announce(true, "the first time on a machine this takes 10 to 20 minutes on two cores");
    // The client's compiler is on the longest path: all of it is compiled before it is linked, on one core, for minutes.
    // RocksDB and the server's own dependencies fill what it leaves. The server is compiled when the client is there.
    run_with_client(&client, profile, work)?;
    client.report()?;
    targets::server_binary(profile)
}

fn announce(is_long: bool, how_long: &str) {
    if is_long {
        ui::step(&format!("building the server ({how_long})"));
    }
}

fn run_with_client(client: &Client, profile: targets::Profile, work: Vec<Job<'_>>) -> Result<()> {
    let mut all = client.jobs();
    all.push(web::bindgen());
    all.extend(native::jobs(profile));
    all.extend(work);
    all.push(Job::new(EMBED, Priority::First, &[SERVER, PACK], move |report| native::compile(profile, report)));
    jobs::run(all)
}

/// Compiles the server as it ships, with the web client that is there, and answers where its binary is: what is measured.
pub(crate) fn shipping_server() -> Result<PathBuf> {
    build(&Options { without_web: true, ..Options::SHIPS })
}

/// Compiles the server with the web client that is there, and answers where its binary is.
pub(crate) fn server() -> Result<PathBuf> {
    build(&Options { without_web: true, ..Options::HERE })
}
