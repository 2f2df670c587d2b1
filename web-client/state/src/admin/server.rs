//! How the server does. Moments are milliseconds since the epoch.

use serde::Deserialize;

use crate::files::size_in_words;

/// The server at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Server {
    /// The program's version.
    pub version: String,
    /// When it started.
    pub started_at_ms: u64,
    /// What it has found out about itself.
    pub findings: Vec<Finding>,
    /// What takes how much.
    pub storage: Storage,
    /// The backups; nothing where it makes none by itself.
    pub backups: Option<Backups>,
    /// What uploads take, bytes.
    pub media_bytes: u64,
}

impl Server {
    /// How it does, in a sentence.
    pub fn summary(&self) -> String {
        let count = |outcome| self.findings.iter().filter(|finding| finding.outcome == outcome).count();
        match (count(Outcome::Fail), count(Outcome::Warn)) {
            (0, 0) => "Everything is as it should be.".to_owned(),
            (0, 1) => "It works, and one thing needs a look.".to_owned(),
            (0, warnings) => format!("It works, and {warnings} things need a look."),
            (1, _) => "One thing does not work.".to_owned(),
            (failures, _) => format!("{failures} things do not work."),
        }
    }

    /// Those findings that need somebody before those that do not, else as they came.
    pub fn findings_in_order(&self) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        findings.sort_by_key(|finding| match finding.outcome {
            Outcome::Fail => 0,
            Outcome::Warn => 1,
            Outcome::Ok => 2,
        });
        findings
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// What, in a word or two.
    pub check: String,
    /// How bad it is.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, and somebody will be sorry one day.
    Warn,
    /// It does not work.
    Fail,
}

impl Outcome {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "Warning",
            Self::Fail => "Failure",
        }
    }
}

/// What takes how much, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Storage {
    /// The record log.
    pub log_bytes: u64,
    /// What is folded from it.
    pub views_bytes: u64,
    /// What the disk has left.
    pub disk_free_bytes: Option<u64>,
}

/// The backups that the server makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Backups {
    /// How often one is made, hours.
    pub every_hours: u32,
    /// When the newest was made.
    pub last_at_ms: Option<u64>,
    /// What it takes, bytes.
    pub bytes: Option<u64>,
    /// Whether the last try failed.
    pub has_failed: bool,
    /// The last rehearsal of a restore.
    pub rehearsal: Option<Rehearsal>,
}

impl Backups {
    /// How often one is made: "Every hour", "Every day", "Every 36 hours".
    pub fn how_often(&self) -> String {
        match self.every_hours {
            1 => "Every hour".to_owned(),
            24 => "Every day".to_owned(),
            hours if hours % 24 == 0 => format!("Every {} days", hours / 24),
            hours => format!("Every {hours} hours"),
        }
    }

    /// What the newest takes.
    pub fn size(&self) -> Option<String> {
        self.bytes.map(size_in_words)
    }
}

/// A rehearsal of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Rehearsal {
    /// When it ended.
    pub at_ms: u64,
    /// Whether the backup was restored and proved.
    pub has_passed: bool,
}

/// The log as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Log {
    /// The line by which others check its signatures.
    pub verifier_key: String,
    /// Records in all.
    pub records: u64,
    /// The newest checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// The records of the last days, by UTC, today last.
    pub by_day: Vec<Day>,
}

/// A checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Checkpoint {
    /// When it was made.
    pub at_ms: u64,
    /// Records that it covers.
    pub records: u64,
}

/// The records of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Day {
    /// When it began.
    pub begins_at_ms: u64,
    /// How many.
    pub records: u64,
}

/// The newest records, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Records {
    /// As said.
    pub records: Vec<Record>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// Its position.
    pub position: u64,
    /// When it was written.
    pub at_ms: u64,
    /// Its kind.
    pub kind: String,
}
