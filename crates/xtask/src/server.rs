//! A server of one's own on a free loopback port, for measurements. It ends with the value.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{paths, process};

/// How long a server may take to say that it listens; it says so within a second.
const READY_LIMIT: Duration = Duration::from_secs(20);
/// How long an orderly stop may take.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// What the server prints before its address when it is ready.
const READY: &str = "listening on ";

/// A running server with an empty data folder, which is removed at the end.
pub(crate) struct Server {
    child: Child,
    data: PathBuf,
    url: String,
}

impl Server {
    /// Starts a built binary and waits until it listens.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut command = process::command(program);
        command.env("HEARTH_RATE_LIMITS", "off");
        // All of the load comes from one address.
        command.env("HEARTH_MAX_CONNECTIONS_PER_ADDRESS", "1000000");
        Self::start_as(command)
    }

    /// The same as an admin runs it, with the words of `wrapper`, which limit it, before its command line.
    pub(crate) fn start_limited(program: &Path, wrapper: &[String]) -> Result<Self> {
        let (first, others) = wrapper.split_first().context("nothing limits the server")?;
        let mut command = process::command(first);
        command.args(others).arg(program);
        Self::start_as(command)
    }

    fn start_as(mut command: Command) -> Result<Self> {
        let data = paths::cache("bench-data")?.join(std::process::id().to_string());
        fs::create_dir_all(&data).with_context(|| format!("creating {}", data.display()))?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        command.env("HEARTH_SERVER_NAME", "localhost").env("HEARTH_REGISTRATION", "open");
        let child = command.stdout(Stdio::piped()).spawn().context("starting the server")?;
        let mut server = Self { child, data, url: String::new() };
        server.url = server.wait_until_ready()?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its process id, so that its processor time and memory can be read.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_ready(&mut self) -> Result<String> {
        let stdout = self.child.stdout.take().context("the server has no output")?;
        let (sender, receiver) = mpsc::channel();
        // The thread reads on after the line was seen, so that the server never waits for a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once(READY) {
                    let _ = sender.send(address.trim().to_owned());
                }
            }
        });
        match receiver.recv_timeout(READY_LIMIT) {
            Ok(address) => Ok(address.split_whitespace().next().unwrap_or(&address).trim_end_matches('/').to_owned()),
            Err(_) => bail!("the server did not say `{READY}…` within {} s", READY_LIMIT.as_secs()),
        }
    }

    fn stop(&mut self) -> Result<()> {
        let mut term = process::command("kill");
        process::run(term.args(["-TERM", &self.child.id().to_string()]))?;
        process::wait_within(&mut self.child, STOP_LIMIT)?;
        remove(&self.data)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            crate::ui::warn(&format!("stopping the server: {error:#}"));
        }
    }
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))
}
