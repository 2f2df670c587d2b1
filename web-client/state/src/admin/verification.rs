//! How it goes with a verification of the whole log.

use serde::Deserialize;

use super::{counted, grouped};

/// A verification. Moments are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Verification {
    /// Where it stands.
    pub state: State,
    /// When it ended.
    pub ended_at_ms: Option<u64>,
    /// Records that are checked.
    pub records: u64,
    /// Records in all, once that is known.
    pub records_total: Option<u64>,
    /// What came of it, in the server's words.
    pub said: Option<String>,
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// None was begun since the server started.
    None,
    /// It is being done.
    Running,
    /// Everything holds.
    Ok,
    /// Something does not hold.
    Damaged,
    /// It could not be done.
    Failed,
}

impl Verification {
    /// How it goes, in words; nothing when none was begun.
    pub fn words(&self) -> Option<String> {
        let said = self.said.as_deref().unwrap_or("the server does not say why");
        Some(match self.state {
            State::None => return None,
            State::Running => match self.records_total {
                Some(total) => format!("{} of {} checked…", grouped(self.records), counted(total, "record", "records")),
                None => "Beginning…".to_owned(),
            },
            State::Ok => "Every signature, the chain and the checkpoints hold.".to_owned(),
            State::Damaged => format!("The log is damaged: {said}"),
            State::Failed => format!("It could not be verified: {said}"),
        })
    }
}
