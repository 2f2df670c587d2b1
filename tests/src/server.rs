//! Starts, stops and restarts the server under test.

use std::{
    env,
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// What the server prints when it takes requests.
const READY: &str = "listening on ";
/// A server on a small log is ready within a second; a machine under load may take longer.
const READY_MAX: Duration = Duration::from_secs(20);

/// A server with a data folder of its own. It is killed when this is dropped.
pub struct Server {
    binary: PathBuf,
    folder: TempDir,
    settings: Vec<(String, String)>,
    /// How many files it may have open; none: as many as this process.
    open_files_max: Option<u32>,
    listen: String,
    child: Option<Child>,
    /// Where it listens, without a slash at the end.
    pub url: String,
}

impl Server {
    /// Starts a server with open registration and without rate limits. `settings` are variables on top of that.
    pub fn start(settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_limited(settings, None)
    }

    /// As [`Server::start`], with so many descriptors at most.
    pub fn start_with_open_files(most: u32) -> Result<Self> {
        Self::start_limited(&[], Some(most))
    }

    fn start_limited(settings: &[(&str, &str)], open_files_max: Option<u32>) -> Result<Self> {
        let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
        let base = [
            ("HEARTH_SERVER_NAME", "localhost"),
            ("HEARTH_REGISTRATION", "open"),
            ("HEARTH_RATE_LIMITS", "off"),
            ("HEARTH_STUN_LISTEN", "127.0.0.1:0"),
        ];
        let settings = base.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut server = Self {
            binary: binary.into(),
            folder: TempDir::new()?,
            settings: settings.collect(),
            open_files_max,
            listen: "127.0.0.1:0".to_owned(),
            child: None,
            url: String::new(),
        };
        server.spawn()?;
        Ok(server)
    }

    fn spawn(&mut self) -> Result<()> {
        let errors = File::options().create(true).append(true).open(self.folder.path().join("stderr.log"))?;
        let mut command = match self.open_files_max {
            None => Command::new(&self.binary),
            Some(most) => {
                let mut limited = Command::new("prlimit");
                limited.arg(format!("--nofile={most}")).arg(&self.binary);
                limited
            }
        };
        let mut child = command
            .args(["serve", "--listen", &self.listen, "--data"])
            .arg(self.data())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("{} does not start", self.binary.display()))?;
        let mut copy = File::create(self.folder.path().join("stdout.log"))?;
        let output = child.stdout.take().context("the server has no output")?;
        self.child = Some(child);
        let (tell, told) = mpsc::channel();
        // Reads on after the first line, so that the pipe never fills.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _without_it_tests_fail = writeln!(copy, "{line}");
                if let Some((_, url)) = line.split_once(READY) {
                    let _nobody_waits_any_more = tell.send(url.trim().trim_end_matches('/').to_owned());
                }
            }
        });
        match told.recv_timeout(READY_MAX) {
            Ok(url) => self.url = url,
            Err(_) => bail!("the server did not get ready:\n{}", self.errors()),
        }
        // A restart comes back where clients look for it.
        self.listen = self.url.trim_start_matches("http://").to_owned();
        Ok(())
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server has written to its standard error.
    #[must_use]
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.log")).unwrap_or_default()
    }

    /// What the server has written to its standard output since it was last started.
    #[must_use]
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout.log")).unwrap_or_default()
    }

    /// How many files the server has open.
    pub fn open_files(&self) -> Result<usize> {
        let child = self.child.as_ref().context("the server is not running")?;
        Ok(std::fs::read_dir(format!("/proc/{}/fd", child.id()))?.count())
    }

    /// How much memory of the server is resident, bytes.
    pub fn resident_bytes(&self) -> Result<u64> {
        let child = self.child.as_ref().context("the server is not running")?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the system does not say")?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// How large the server's files may become, bytes; none for as large as they like.
    pub fn limit_file_size(&self, most: Option<u64>) -> Result<()> {
        let most = most.map_or_else(|| "unlimited".to_owned(), |most| most.to_string());
        self.limit(&format!("--fsize={most}:"))
    }

    /// How many files the server may have open from now on. It keeps those that it has.
    pub fn limit_open_files(&self, most: usize) -> Result<()> {
        self.limit(&format!("--nofile={most}:"))
    }

    /// Sets a soft limit of the running server; because only that can be raised again.
    fn limit(&self, limit: &str) -> Result<()> {
        let child = self.child.as_ref().context("the server is not running")?;
        let status = Command::new("prlimit").args(["--pid", &child.id().to_string(), limit]).status()?;
        if status.success() { Ok(()) } else { bail!("prlimit: {status}") }
    }

    /// Whether the server has ended by itself.
    pub fn has_ended(&mut self) -> Result<bool> {
        let child = self.child.as_mut().context("the server is not running")?;
        Ok(child.try_wait()?.is_some())
    }

    /// Kills the server as `kill -9` does.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Stops the server as an admin does, and waits until it has ended.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        signal(&child, "-TERM")?;
        child.wait()?;
        Ok(())
    }

    /// Has the server read its settings anew.
    pub fn hang_up(&self) -> Result<()> {
        signal(self.child.as_ref().context("the server is not running")?, "-HUP")
    }

    /// Asks the server to stop and starts another on the same folder and ports before the first has ended.
    pub fn hand_over(&mut self) -> Result<()> {
        let mut first = self.child.take().context("the server is not running")?;
        signal(&first, "-TERM")?;
        self.spawn()?;
        first.wait()?;
        Ok(())
    }

    /// Kills the server and starts it on the same folder and port.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.spawn()
    }

    /// The same with settings taken away.
    pub fn restart_without(&mut self, names: &[String]) -> Result<()> {
        self.settings.retain(|(name, _)| !names.contains(name));
        self.restart()
    }

    /// Runs another command of the binary on the data folder, for example `["log", "verify"]`, and returns its output.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let data = self.data();
        self.run(&[arguments, &["--data", data.to_str().context("a path in UTF-8")?]].concat())
    }

    /// Runs a command of the binary that needs no data folder, and returns its output.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.binary).args(arguments).output()?;
        if !output.status.success() {
            bail!("hearth {arguments:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// How many records the log has, those that the log writes about itself (checkpoints) left out.
    pub fn records(&self) -> Result<u64> {
        let text = self.command(&["log", "stat"])?;
        let rows = text.lines().skip_while(|line| !line.starts_with("kind")).skip(1).take_while(|line| !line.is_empty());
        rows.filter(|row| !row.starts_with("log."))
            .map(|row| row.split_whitespace().nth(1).unwrap_or_default().parse::<u64>().with_context(|| format!("{row:?}")))
            .sum()
    }
}

fn signal(child: &Child, which: &str) -> Result<()> {
    let status = Command::new("kill").args([which, &child.id().to_string()]).status()?;
    if !status.success() {
        bail!("kill: {status}");
    }
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.kill();
    }
}
