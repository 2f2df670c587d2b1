//! Verifying the whole log while the server runs. A process of its own does it, this program once more, which gives way to everything
//! else: the log is as long as it is, and every signature in it is checked.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use api::{Verification, VerificationState};
use event_log::{Clock as _, SystemClock};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{ChildStderr, ChildStdout, Command},
};

use crate::{command::VerifyLine, serve::backups::this_program};

/// The longest that it may take. A log of a hundred million records takes less.
const TAKES_MAX: Duration = Duration::from_secs(6 * 3600);
/// Bytes of what the process says when it fails, at most.
const WORDS_MAX: u64 = 2_000;
/// The folder in the data folder where it writes down what it has open. Elsewhere nothing may be writable.
const SCRATCH: &str = "verifying";

/// Begins verifications, one at a time, and knows of the last one.
#[derive(Clone)]
pub(super) struct Verifier {
    data: PathBuf,
    standing: Arc<Mutex<Verification>>,
}

impl Verifier {
    pub(super) fn of(data: &Path) -> Self {
        Self { data: data.to_owned(), standing: Arc::default() }
    }

    pub(super) fn standing(&self) -> Verification {
        self.standing.lock().clone()
    }

    /// Begins one in the background, unless one runs. It ends with the server.
    pub(super) fn begin(&self) -> Verification {
        let mut standing = self.standing.lock();
        if standing.state != VerificationState::Running {
            *standing = Verification {
                state: VerificationState::Running,
                began_at_ms: Some(SystemClock.now_ms()),
                ..Verification::default()
            };
            tokio::spawn(self.clone().run());
        }
        standing.clone()
    }

    async fn run(self) {
        let done = tokio::time::timeout(TAKES_MAX, self.verify()).await;
        let (state, said) = match done.unwrap_or_else(|_| bail_late()) {
            Ok(VerifyLine::Whole { said }) => (VerificationState::Ok, said),
            Ok(VerifyLine::Damaged { said }) => (VerificationState::Damaged, said),
            Ok(VerifyLine::Checked { .. }) => (VerificationState::Failed, "it ended in the middle".to_owned()),
            Err(error) => (VerificationState::Failed, format!("{error:#}")),
        };
        if state != VerificationState::Ok {
            tracing::error!(log.error = said, "the log could not be verified as an admin has asked");
        }
        let mut standing = self.standing.lock();
        standing.state = state;
        standing.said = Some(said);
        standing.ended_at_ms = Some(SystemClock.now_ms());
    }

    /// What the process says last.
    async fn verify(&self) -> Result<VerifyLine> {
        let scratch = Scratch::make(self.data.join(SCRATCH))?;
        let mut command = Command::new(this_program());
        command.args(["log", "verify", "--gently", "--json", "--data"]).arg(&self.data).env("TMPDIR", &scratch.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("no process could be started")?;
        let (stdout, stderr) = (child.stdout.take().context("no output")?, child.stderr.take().context("no output")?);
        let (last, words) = tokio::join!(self.follow(stdout), words_of(stderr));
        let status = child.wait().await.context("the process is lost")?;
        match last? {
            Some(line @ (VerifyLine::Whole { .. } | VerifyLine::Damaged { .. })) => Ok(line),
            Some(VerifyLine::Checked { .. }) | None if words.is_empty() => bail!("it ended with {status}"),
            Some(VerifyLine::Checked { .. }) | None => bail!("{words}"),
        }
    }

    /// Takes down how far it is, line by line, and gives the last line.
    async fn follow(&self, stdout: ChildStdout) -> Result<Option<VerifyLine>> {
        let (mut lines, mut last) = (BufReader::new(stdout).lines(), None);
        while let Some(line) = lines.next_line().await.context("what it says does not read")? {
            let line: VerifyLine = serde_json::from_str(&line).context("what it says does not read")?;
            if let VerifyLine::Checked { records, total } = &line {
                let mut standing = self.standing.lock();
                (standing.records, standing.records_total) = (*records, *total);
            }
            last = Some(line);
        }
        Ok(last)
    }
}

fn bail_late() -> Result<VerifyLine> {
    bail!("it took longer than {} hours", TAKES_MAX.as_secs() / 3600)
}

/// What a process says about its failure, cut where it is long.
async fn words_of(stderr: ChildStderr) -> String {
    let (mut words, mut stderr) = (Vec::new(), stderr);
    // What does not read says nothing.
    let _unread = (&mut stderr).take(WORDS_MAX).read_to_end(&mut words).await;
    // The rest is taken off its hands, so that it is not kept waiting.
    let _unread = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&words).trim().trim_start_matches("hearth: ").to_owned()
}

/// A folder that is there as long as this is. One that an earlier server left behind is taken away first.
struct Scratch(PathBuf);

impl Scratch {
    fn make(path: PathBuf) -> Result<Self> {
        // What is not there cannot be taken away, and what cannot be taken away cannot be made either.
        let _was = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next verification takes it away.
        let _stays = std::fs::remove_dir_all(&self.0);
    }
}
