//! Backups on a schedule, and rehearsals of restoring them. Both are done by a process of their own, this program once more, which gives way
//! to everything else: it shares no memory, no thread and no lock with those who are served. The schedule lies in the folder of
//! backups, so that a restart does not change it.

mod rehearsed;
mod standing;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use ::backup::Fault;
use anyhow::{Context, Result, bail};
use config::Backup as Settings;
use event_log::{Clock as _, SystemClock};
use serde::de::DeserializeOwned;
use tokio::{process::Command, time::sleep};

use crate::{
    backup_place::BackupPlace,
    command::{BackupOutcome, RestoreOutcome},
};
use rehearsed::Rehearsed;
pub(super) use standing::Standing;

/// How often to look whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// A server that has just started has other things to do.
const LOOK_AFTER: Duration = Duration::from_secs(3);
/// When to try again what has failed.
const TRY_AGAIN: Duration = Duration::from_secs(3600);
/// The longest that a backup or a rehearsal may take. One that takes longer is ended, and counts as failed.
const TAKES_MAX: Duration = Duration::from_secs(24 * 3600);
const HOUR_MS: u64 = 3600 * 1000;
/// Letters of what a process says when it fails, at most.
const WORDS_MAX: usize = 2_000;

/// Whether a backup is to be made.
enum Due {
    Yes,
    No,
    /// In the folder, by hand.
    SomebodyIsAtWork,
}

/// Makes backups as the settings say for as long as the runtime runs, and says where it is told how they do; nothing if none are to be made.
///
/// # Errors
/// The recipient is none, or the bucket.
pub(super) fn spawn(settings: &Settings, data: &Path) -> Result<Option<Standing>> {
    let Some(folder) = settings.folder.clone() else { return Ok(None) };
    if let Some(recipient) = &settings.recipient {
        let parsed = recipient.parse::<::backup::age::Recipient>();
        parsed.map_err(|error| anyhow::anyhow!("backup.recipient: {recipient:?} {error}"))?;
    }
    let place = BackupPlace::named(&folder, || Ok(settings.clone())).context("backup.folder")?;
    let standing = Standing::default();
    let (settings, data) = (settings.clone(), data.to_owned());
    let schedule = Schedule { settings, folder, place, data, standing: standing.clone(), newest_ms: None };
    tokio::spawn(schedule.run());
    Ok(Some(standing))
}

/// What is made, and from what.
struct Schedule {
    settings: Settings,
    /// The place by its name.
    folder: PathBuf,
    place: BackupPlace,
    data: PathBuf,
    standing: Standing,
    /// When the newest backup was made, as far as it is known, milliseconds since the epoch.
    newest_ms: Option<u64>,
}

impl Schedule {
    /// Does what is due, for as long as the runtime runs. A process that is at work then is ended with it, and leaves no half a backup.
    async fn run(mut self) {
        sleep(LOOK_AFTER).await;
        loop {
            let pause = match self.look().await {
                Ok(()) => LOOK_EVERY,
                Err(()) => TRY_AGAIN,
            };
            sleep(pause).await;
        }
    }

    async fn look(&mut self) -> Result<(), ()> {
        match self.backup_is_due().await? {
            // They will be done the next time.
            Due::SomebodyIsAtWork => return Ok(()),
            Due::Yes => self.back_up().await?,
            Due::No => {}
        }
        if self.rehearsal_is_due().await? {
            self.rehearse().await?;
        }
        Ok(())
    }

    fn is_old(&self, made_at_ms: u64) -> bool {
        let every_ms = u64::from(self.settings.every_hours).saturating_mul(HOUR_MS);
        now_ms().saturating_sub(made_at_ms) >= every_ms
    }

    async fn backup_is_due(&mut self) -> Result<Due, ()> {
        // Each question to a bucket costs something. A folder may have got one by hand, which whoever monitors is to see.
        if matches!(self.place, BackupPlace::Bucket(..)) && self.newest_ms.is_some_and(|made_at_ms| !self.is_old(made_at_ms))
        {
            return Ok(Due::No);
        }
        let place = self.place.clone();
        let newest = tokio::task::spawn_blocking(move || match place.to_read() {
            Err(Fault::NoBackup(_)) => Ok(None),
            folder => folder?.newest(),
        });
        match newest.await {
            Ok(Ok(Some(newest))) => {
                self.standing.found(newest.made_at_ms, newest.stored_bytes());
                self.newest_ms = Some(newest.made_at_ms);
                Ok(if self.is_old(newest.made_at_ms) { Due::Yes } else { Due::No })
            }
            // A new backup mends what an old one lacks.
            Ok(Ok(None) | Err(Fault::Manifest { .. })) => Ok(Due::Yes),
            Ok(Err(Fault::Busy(_))) => Ok(Due::SomebodyIsAtWork),
            Ok(Err(fault)) => {
                self.backup_failed(&fault.to_string());
                Err(())
            }
            // A panic has been reported by the panic hook already.
            Err(_panicked) => Err(()),
        }
    }

    async fn back_up(&mut self) -> Result<(), ()> {
        let mut command = self.command("backup");
        command.args(["--keep", &self.settings.keep.to_string()]);
        command.args(["--whole-after-days", &self.settings.whole_after_days.to_string()]);
        if let Some(recipient) = &self.settings.recipient {
            command.args(["--recipient", recipient]);
        }
        let outcome: BackupOutcome = run(command).await.map_err(|error| self.backup_failed(&format!("{error:#}")))?;
        self.standing.backed_up(&outcome);
        self.newest_ms = Some(outcome.made_at_ms);
        tracing::info!(
            backup.name = outcome.backup,
            backup.position = outcome.position,
            backup.new_bytes = outcome.new_bytes,
            backup.bytes = outcome.stored_bytes,
            backup.duration_ms = outcome.duration_ms,
            backup.left_out = outcome.left_out,
            "a backup was made"
        );
        if let Some(warning) = outcome.warning {
            tracing::warn!(backup.error = warning, "older backups were not taken away");
        }
        Ok(())
    }

    fn backup_failed(&self, why: &str) {
        self.standing.backup_failed();
        tracing::error!(backup.error = why, "no backup was made; trying again in an hour");
    }

    async fn rehearsal_is_due(&self) -> Result<bool, ()> {
        if self.settings.rehearse_days == 0 {
            return Ok(false);
        }
        let notes = self.place.notes(&self.data);
        let last = tokio::task::spawn_blocking(move || Rehearsed::read(&notes)).await.map_err(drop)?;
        let Some(last) = last else { return Ok(true) };
        self.standing.rehearsed(last.at_ms, last.has_passed);
        let days = if last.has_passed { self.settings.rehearse_days } else { 1 };
        Ok(now_ms().saturating_sub(last.at_ms) >= u64::from(days).saturating_mul(24 * HOUR_MS))
    }

    async fn rehearse(&self) -> Result<(), ()> {
        let mut command = self.command("restore");
        command.arg("--rehearse");
        if let (Some(identity), Some(_)) = (&self.settings.identity, &self.settings.recipient) {
            command.arg("--identity").arg(identity);
        }
        let outcome: Result<RestoreOutcome> = run(command).await;
        let (at_ms, has_passed) = (now_ms(), outcome.is_ok());
        self.standing.rehearsed(at_ms, has_passed);
        match &outcome {
            Ok(outcome) if outcome.is_sealed => {
                tracing::info!(
                    backup.name = outcome.backup,
                    "the newest backup is encrypted; its files are there and whole"
                );
            }
            Ok(outcome) => tracing::info!(
                backup.name = outcome.backup,
                backup.state_digest = outcome.state_digest,
                backup.missing_media = outcome.missing_media,
                backup.duration_ms = outcome.duration_ms,
                "the newest backup was restored in a rehearsal and is proved"
            ),
            Err(error) => {
                tracing::error!(
                    backup.error = format!("{error:#}"),
                    "the newest backup could not be restored in a rehearsal"
                );
            }
        }
        let notes = self.place.notes(&self.data);
        let written = tokio::task::spawn_blocking(move || Rehearsed { at_ms, has_passed }.write(&notes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(backup.error = %error, "the rehearsal cannot be noted down");
                Err(())
            }
            Err(_panicked) => Err(()),
        }
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(this_program());
        command.arg(what).arg(&self.folder).arg("--data").arg(&self.data).args(["--gently", "--json"]);
        if let BackupPlace::Bucket(_, access) = &self.place {
            // By the environment, which nobody else on the machine can read, as they could a command line.
            let endpoint = access.endpoint.as_deref().unwrap_or_default();
            for (name, value) in [
                ("HEARTH_BACKUP_S3_ENDPOINT", endpoint),
                ("HEARTH_BACKUP_S3_REGION", &access.region),
                ("HEARTH_BACKUP_S3_ACCESS_KEY", &access.access_key),
                ("HEARTH_BACKUP_S3_SECRET_KEY", &access.secret_key),
            ] {
                command.env(name, value).env_remove(format!("{name}_FILE"));
            }
        }
        command
    }
}

/// This program, also when another version of it has taken its place on the disk meanwhile.
pub(super) fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hearth"))
}

/// Runs a process to its end and reads what it has done.
async fn run<T: DeserializeOwned>(mut command: Command) -> Result<T> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let ended = tokio::time::timeout(TAKES_MAX, command.output()).await.context("it took longer than a day")?;
    let output = ended.context("no process could be started")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words: String = words.trim().trim_start_matches("hearth: ").chars().take(WORDS_MAX).collect();
        bail!("{}", if words.is_empty() { output.status.to_string() } else { words });
    }
    serde_json::from_slice(&output.stdout).context("what it said does not read")
}

fn now_ms() -> u64 {
    SystemClock.now_ms()
}
