//! How far the erasure of an account is.

use serde::Deserialize;

/// An erasure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Erasure {
    /// How far it is.
    pub state: ErasureState,
    /// The signed line that says so, once all is done.
    pub receipt: Option<String>,
}

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// Nobody has asked for it.
    None,
    /// It goes on.
    Erasing,
    /// The server has forgotten; the bytes are still to leave the disk.
    Purging,
    /// All is done.
    Done,
}

impl ErasureState {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "This account is closed for good. Nobody can log in to it again.",
            Self::Erasing => "This account is closed, and is being erased…",
            Self::Purging => "This account is closed, and the server has forgotten it. The bytes are leaving the disk…",
            Self::Done => "This account is closed and erased. The receipt is for whoever asked for it.",
        }
    }

    /// Whether there will be news by itself.
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Erasing | Self::Purging)
    }
}
