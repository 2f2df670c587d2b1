//! `cargo xtask compose-test`: this repository's own Dockerfile and docker-compose.yml on a real engine.
//!
//! It builds the image, starts the service, lets two clients sign up and talk, takes everything down but the volume, starts it
//! again and finds all of it there. Then it builds a newer image, and two people in browsers sign up, talk, call, see the service
//! go down and come back, and are updated in place; and what docs/operations/install.md has a newcomer type is typed. It is not
//! part of `ci`, because an engine cannot be had everywhere.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::docker::{Engine, base_image};
use crate::needs::{self, browser, clients};
use crate::{paths, process, ui};

/// Compose's project, so that a service somebody really uses is left alone.
const PROJECT: &str = "hearth-compose-test";
/// The image's name in this test, for the same reason.
const IMAGE: &str = "localhost/hearth-compose-test";
/// The same with a change in the code.
const NEWER_IMAGE: &str = "localhost/hearth-compose-test-newer";
/// The file that is tried.
const FILE: &str = "docker-compose.yml";
/// Where the code comes in, in the Dockerfile, and what is done to it for a newer image.
const CODE: &str = "COPY . .\nRUN cargo xtask build";
const CHANGED_CODE: &str = "COPY . .\nRUN sed -i '1i // A newer build.' crates/domain/src/lib.rs\nRUN cargo xtask build";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Bring up the engine and the base image and stop there
    #[arg(long)]
    prepare: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    needs::ensure(needs::CLIENTS)?;
    browser::ensure()?;
    let engine = Engine::find_or_start()?;
    base_image::ensure(&engine)?;
    if options.prepare {
        ui::note("the engine answers and the base image is there");
        return Ok(());
    }
    let compose = Compose { program: engine.compose()?, engine, port: free_port()?, stun_port: free_udp_port()? };
    ui::step("building the image (15 to 25 minutes on two cores the first time)");
    timed("the image", compose.command().arg("build"))?;
    let result = talk(&compose).and_then(|()| build_newer(&compose)).and_then(|()| live_in_it(&compose));
    ui::step("taking the service down");
    let down = process::run(compose.command().args(["down", "--volumes"]));
    result.and(down)
}

fn timed(what: &str, command: &mut Command) -> Result<()> {
    let began = Instant::now();
    process::run(command)?;
    ui::note(&format!("{what} was built in {}", ui::seconds(began.elapsed())));
    Ok(())
}

/// `docker compose` for this project, under whichever name this machine has it.
struct Compose {
    engine: Engine,
    program: Vec<String>,
    port: u16,
    stun_port: u16,
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
        // Another server of the machine may have the usual port.
        command.env("HEARTH_STUN_PORT", self.stun_port.to_string());
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

/// The image after a change of the code, which compiles the code and nothing before it.
fn build_newer(compose: &Compose) -> Result<()> {
    ui::step("building a newer image");
    let dockerfile = fs::read_to_string(paths::in_root("Dockerfile")).context("reading the Dockerfile")?;
    let changed = paths::cache("docker")?.join("Dockerfile.newer");
    fs::write(&changed, changed_code(&dockerfile)?).with_context(|| format!("writing {}", changed.display()))?;
    let mut build = process::command("docker");
    compose.surround(&mut build);
    build.args(["build", "--tag", NEWER_IMAGE, "--label", "org.hearth.build=newer", "--file"]).arg(changed).arg(".");
    timed("the newer image", &mut build)
}

fn changed_code(dockerfile: &str) -> Result<String> {
    let (before, after) = dockerfile.split_once(CODE).context("the Dockerfile compiles the code in another way")?;
    Ok([before, CHANGED_CODE, after].concat())
}

/// People in browsers: two for whom the service goes down and comes back, and is updated, and a newcomer.
fn live_in_it(compose: &Compose) -> Result<()> {
    ui::step("people in browsers");
    let mut test = browser::script("compose")?;
    compose.surround(&mut test);
    test.env("HEARTH_COMPOSE", serde_json::to_string(&compose.arguments())?).env("HEARTH_NEWER_IMAGE", NEWER_IMAGE);
    process::run(&mut test)
}

fn free_udp_port() -> Result<u16> {
    let socket = UdpSocket::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(socket.local_addr()?.port())
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::{CHANGED_CODE, changed_code};
    use crate::paths;

    #[test]
    fn this_dockerfile_has_a_place_for_a_change() {
        let dockerfile = std::fs::read_to_string(paths::in_root("Dockerfile")).unwrap();
        assert!(changed_code(&dockerfile).unwrap().contains(CHANGED_CODE));
        assert!(changed_code("FROM scratch\n").is_err());
    }
}
