//! A Docker engine: the one that runs, or one started here by hand as root, which ends with the value.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::compose_plugin;
use crate::needs::{self, Need, apt};
use crate::{paths, process, ui};

/// How long an engine may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to stop its containers and itself.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// What an engine of one's own is made of.
const ENGINE: &[Need] = &[
    Need::program("dockerd", "compose-test runs the image on a real engine", &["docker.io", "iptables"]),
    Need::program("iptables", "the engine's network between containers and the host", &["iptables"]),
];

/// An engine that answers.
pub(crate) struct Engine {
    /// Where it listens, when it is not where docker looks by itself.
    socket: Option<PathBuf>,
    /// The engine's process, when it was started here.
    own: Option<Child>,
}

impl Engine {
    /// The engine that docker finds by itself, or a fresh one.
    pub(crate) fn find_or_start() -> Result<Self> {
        let running = Self { socket: None, own: None };
        if running.answers() {
            ui::note("using the engine that runs");
            return Ok(running);
        }
        if !apt::is_root() {
            bail!("no Docker engine answers, and starting one takes root's rights");
        }
        needs::ensure(ENGINE)?;
        ui::step("starting a Docker engine");
        let folder = paths::cache("docker")?;
        let socket = folder.join("docker.sock");
        let log = fs::File::create(folder.join("dockerd.log")).context("creating the engine's log")?;
        let mut dockerd = process::command("dockerd");
        dockerd.arg("--data-root").arg(folder.join("data")).arg("--exec-root").arg(folder.join("exec"));
        dockerd.arg("--pidfile").arg(folder.join("pid")).arg("-H").arg(format!("unix://{}", socket.display()));
        let child = dockerd.stdout(log.try_clone()?).stderr(log).spawn().context("starting dockerd")?;
        let mut engine = Self { socket: Some(socket), own: Some(child) };
        engine.wait_until_it_answers()?;
        Ok(engine)
    }

    /// `docker` for this engine.
    pub(crate) fn docker(&self) -> Command {
        let mut command = process::command("docker");
        self.surround(&mut command);
        command
    }

    /// The words that start compose on this machine.
    pub(crate) fn compose(&self) -> Result<Vec<String>> {
        if process::probe(self.docker().args(["compose", "version"])).is_some() {
            return Ok(vec!["docker".to_owned(), "compose".to_owned()]);
        }
        let alone = process::probe(process::command("docker-compose").args(["version", "--short"]));
        if alone.is_some_and(|version| compose_plugin::is_new_enough(&version)) {
            return Ok(vec!["docker-compose".to_owned()]);
        }
        Ok(vec![compose_plugin::ensure()?.display().to_string()])
    }

    /// Lets a command find this engine.
    pub(crate) fn surround(&self, command: &mut Command) {
        if let Some(socket) = &self.socket {
            command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        }
    }

    fn answers(&self) -> bool {
        process::probe(self.docker().args(["version", "--format", "{{.Server.Version}}"]))
            .is_some_and(|version| !version.is_empty())
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let end = Instant::now() + START_LIMIT;
        let log = paths::cache("docker")?.join("dockerd.log");
        while !self.answers() {
            // This wait is also the pause between two looks.
            let ended = match &mut self.own {
                Some(child) => process::ends_within(child, Duration::from_millis(500))?,
                None => false,
            };
            if ended || Instant::now() > end {
                bail!("the engine did not come up; it says why in {}", log.display());
            }
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some(child) = &mut self.own else { return };
        ui::note("stopping the engine");
        let asked = process::run(process::command("kill").args(["-TERM", &child.id().to_string()]));
        if let Err(error) = asked.and_then(|()| process::wait_within(child, STOP_LIMIT).map(drop)) {
            ui::warn(&format!("stopping the engine: {error:#}"));
        }
    }
}
