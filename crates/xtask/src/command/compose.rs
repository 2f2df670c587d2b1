//! `cargo xtask compose-test`: this repository's own Dockerfile and docker-compose.yml on a real engine.
//!
//! It builds the image, starts the service, lets two clients sign up and talk, takes everything down but the volume, starts it
//! again and finds all of it there. It is not part of `ci`, because an engine cannot be had everywhere.

use std::net::TcpListener;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::docker::{Engine, base_image};
use crate::needs::{self, clients};
use crate::{paths, process, ui};

/// Compose's project, so that a service somebody really uses is left alone.
const PROJECT: &str = "hearth-compose-test";
/// The image's name in this test, for the same reason.
const IMAGE: &str = "localhost/hearth-compose-test";
/// The file that is tried.
const FILE: &str = "docker-compose.yml";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Bring up the engine and the base image and stop there
    #[arg(long)]
    prepare: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    needs::ensure(needs::CLIENTS)?;
    let engine = Engine::find_or_start()?;
    base_image::ensure(&engine)?;
    if options.prepare {
        ui::note("the engine answers and the base image is there");
        return Ok(());
    }
    let compose = Compose { program: engine.compose()?, engine, port: free_port()? };
    ui::step("building the image (15 to 25 minutes on two cores the first time)");
    process::run(compose.command().arg("build"))?;
    let result = talk(&compose);
    ui::step("taking the service down");
    let down = process::run(compose.command().args(["down", "--volumes"]));
    result.and(down)
}

/// `docker compose` for this project, under whichever name this machine has it.
struct Compose {
    engine: Engine,
    program: Vec<String>,
    port: u16,
}

impl Compose {
    fn arguments(&self) -> Vec<String> {
        let file = paths::in_root(FILE).display().to_string();
        let own = ["--project-name", PROJECT, "--file", &file].map(str::to_owned);
        self.program.iter().cloned().chain(own).collect()
    }

    fn command(&self) -> Command {
        let arguments = self.arguments();
        let mut command = process::command(&arguments[0]);
        command.args(&arguments[1..]);
        self.surround(&mut command);
        command
    }

    /// The environment in which the engine is found, the port is free and the old builder is used: it takes a base image that
    /// is only on this machine.
    fn surround(&self, command: &mut Command) {
        self.engine.surround(command);
        command.env("HEARTH_PORT", self.port.to_string()).env("HEARTH_BIND", "127.0.0.1");
        command.env("HEARTH_IMAGE", IMAGE);
        command.env("HEARTH_REGISTRATION", "open").env("HEARTH_SERVER_NAME", "localhost");
        command.env("DOCKER_BUILDKIT", "0").env("COMPOSE_DOCKER_CLI_BUILD", "0");
    }
}

/// The conversation itself is a test in Python, with clients nobody here wrote.
fn talk(compose: &Compose) -> Result<()> {
    ui::step("a conversation that survives `down` and `up`");
    let python = clients::python("tests/clients/python", &["requirements.txt"])?;
    let mut test = process::command(python);
    test.args(["-m", "pytest", "--verbose"]).current_dir(paths::in_root("tests/compose"));
    compose.surround(&mut test);
    test.env("HEARTH_COMPOSE", serde_json::to_string(&compose.arguments())?);
    process::run(&mut test)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}
