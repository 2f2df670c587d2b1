//! What people do with messages, as values: the screen makes them, the client carries them out.

/// The emoji that are offered first.
pub const EMOJI: [(&str, &str); 6] =
    [("👍", "thumbs up"), ("❤️", "heart"), ("😂", "laughing"), ("😮", "surprised"), ("😢", "sad"), ("🙏", "thanks")];

/// A thing that can be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Send it once more.
    TryAgain,
    /// React with an emoji.
    React,
    /// Answer it.
    Reply,
    /// Change it.
    Edit,
    /// Give up on a change to it that was not sent.
    UndoChange,
    /// Put its text on the clipboard.
    Copy,
    /// Tell what is known of it.
    Info,
    /// Delete it for everybody.
    Delete,
    /// Give up on one that was not sent.
    Discard,
}

/// Something to carry out in an open conversation. `key` is the key of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a new message.
    Send {
        /// What it says.
        text: String,
    },
    /// Answer a message.
    Reply {
        /// The event id of the message answered.
        to: String,
        /// What the answer says.
        text: String,
    },
    /// Change one's own message.
    Edit {
        /// Which.
        key: String,
        /// What it says from now on.
        text: String,
    },
    /// React with an emoji, or take that back.
    React {
        /// To which.
        key: String,
        /// With what.
        emoji: String,
    },
    /// Delete one's own message for everybody.
    Delete {
        /// Which.
        key: String,
    },
    /// Send one that failed, or a change to it that failed, once more.
    TryAgain {
        /// Which.
        key: String,
    },
    /// Give up on changes that were not sent: it says again what it said.
    UndoChange {
        /// To which.
        key: String,
    },
    /// Give up on one that was not sent.
    Discard {
        /// Which.
        key: String,
    },
}
