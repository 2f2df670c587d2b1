//! What is kept of a call when its signalling has been erased: a few words in its last message.

use serde::{Deserialize, Serialize};

/// What the end of a call says about the whole of it; the key `org.hearth.call` in a hangup or reject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Voice or video.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
    /// How long the two were connected, in milliseconds; zero if they never were.
    #[serde(default)]
    pub duration_ms: u64,
    /// Whether it was picked up.
    #[serde(default)]
    pub answered: bool,
    /// Who called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
}

/// What a call was placed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sound only.
    Voice,
    /// Sound and picture.
    Video,
}

/// How a call ended, as the timeline tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The two talked.
    Ended,
    /// The caller gave up before it was answered.
    Cancelled,
    /// The other side declined.
    Declined,
    /// The other side was in a call already.
    Busy,
    /// Nobody picked up in time.
    NoAnswer,
    /// It never came about, or broke: no path, no microphone, a lost connection.
    Failed,
    /// Both called at once, and the other of the two calls went on.
    Replaced,
}
