//! What only the program around the API knows of the server: its files, its backups, its version and how it does. The API asks for it
//! when an admin does; nothing of it is told to anybody else.

use async_trait::async_trait;
use serde::Serialize;

/// The most records that one answer tells of.
pub const RECORDS_TOLD_MAX: usize = 50;

/// The program around the API. Each of its answers ends by itself within some seconds, and is bounded whatever the log holds.
#[async_trait]
pub trait Host: Send + Sync {
    /// How the server does.
    async fn standing(&self) -> Standing;

    /// What there is to say of the log as a whole.
    ///
    /// # Errors
    /// [`HostFault`] when its storage does not answer.
    async fn log(&self) -> Result<LogStanding, HostFault>;

    /// The newest records behind position `after`, or the newest of all; oldest first, at most [`RECORDS_TOLD_MAX`].
    ///
    /// # Errors
    /// As [`Host::log`].
    async fn records(&self, after: Option<u64>) -> Result<Vec<ToldRecord>, HostFault>;

    /// How it goes with the verification that was begun last.
    fn verification(&self) -> Verification;

    /// Begins to verify the whole log, unless that is being done. One runs at a time, and gives way to everything else.
    fn verify(&self) -> Verification;
}

/// Why the host has no answer, for the server's own output.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HostFault(pub String);

/// How the server does. Moments are milliseconds since the epoch.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The program's version.
    pub version: String,
    /// When it started.
    pub started_at_ms: u64,
    /// What `hearth doctor` finds, as far as it can be seen from inside.
    pub findings: Vec<Finding>,
    /// What takes how much.
    pub storage: Storage,
    /// The backups; none where the server makes none by itself.
    pub backups: Option<Backups>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What, in a word or two; the same in every version.
    pub check: &'static str,
    /// "ok", "warn" or "fail".
    pub outcome: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// What takes how much, bytes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Storage {
    /// The record log.
    pub log_bytes: u64,
    /// What is folded from it, which can be made again.
    pub views_bytes: u64,
    /// What the disk has left; none when the file system does not say.
    pub disk_free_bytes: Option<u64>,
}

/// The backups that the server makes by itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Backups {
    /// How often one is made, hours.
    pub every_hours: u32,
    /// When the newest was made; none while there is none.
    pub last_at_ms: Option<u64>,
    /// What it takes, bytes.
    pub bytes: Option<u64>,
    /// Whether the last try failed.
    pub has_failed: bool,
    /// The last rehearsal of a restore; none while there was none.
    pub rehearsal: Option<Rehearsal>,
}

/// A rehearsal of a restore.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rehearsal {
    /// When it ended.
    pub at_ms: u64,
    /// Whether the backup was restored and proved.
    pub has_passed: bool,
}

/// What there is to say of the log as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct LogStanding {
    /// Its name.
    pub origin: String,
    /// The line by which others check its signatures (C2SP).
    pub verifier_key: String,
    /// Records in all.
    pub records: u64,
    /// Position of the last one.
    pub head: u64,
    /// The newest checkpoint; none while there is none.
    pub checkpoint: Option<ToldCheckpoint>,
    /// Records of the last days, by UTC, today last.
    pub by_day: Vec<Day>,
}

/// A checkpoint.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ToldCheckpoint {
    /// When it was made, milliseconds since the epoch.
    pub at_ms: u64,
    /// Records that it covers.
    pub records: u64,
}

/// The records of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// When it began, milliseconds since the epoch.
    pub begins_at_ms: u64,
    /// How many.
    pub records: u64,
}

/// One record as admins are told of it: that something of some kind happened, not to whom, nor what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldRecord {
    /// Its position.
    pub position: u64,
    /// When it was written, milliseconds since the epoch.
    pub at_ms: u64,
    /// Its kind, such as `session.opened`.
    pub kind: String,
}

/// How it goes with a verification of the whole log. Moments are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Where it stands.
    pub state: VerificationState,
    /// When it began.
    pub began_at_ms: Option<u64>,
    /// When it ended.
    pub ended_at_ms: Option<u64>,
    /// Records that are checked.
    pub records: u64,
    /// Records in all, once that is known.
    pub records_total: Option<u64>,
    /// What came of it, in words.
    pub said: Option<String>,
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationState {
    /// None was begun since the server started.
    #[default]
    None,
    /// It is being done.
    Running,
    /// Every signature, the chain and the checkpoints hold.
    Ok,
    /// Something does not hold.
    Damaged,
    /// It could not be done.
    Failed,
}
