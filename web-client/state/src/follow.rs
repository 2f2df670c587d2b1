//! Tabs that follow: all but the one that leads show its chats and write in them through it.
//!
//! The tab that leads has the databases and the sync ([`crate::session`]). A follower says what it would like to see and
//! asks for what is to be done; the leader tells and answers. When the lead goes to another tab, what a follower has asked
//! for and got no answer to is asked once more, and what was to be sent has a mark by which the new leader knows whether the
//! last one had sent it already.
//!
//! [`Follower`] and [`Leader`] are pure: what the other tabs say comes in, what is to be said goes out. The line between the
//! tabs keeps the order of what one tab says, and loses nothing while both ends are there.

mod follower;
mod leader;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    chats::Chats,
    connection::Connection,
    conversation::ConversationChange,
    identity::{Confirmation, Peer},
    message::{Action, Info, Quote},
    trouble::Trouble,
};

pub use follower::{Follower, GivenUp, Heard, Left};
pub use leader::{Leader, Order};

/// How often a follower says again what it would like to see, in milliseconds. Browsers let hidden pages do so once a minute.
pub const RENEW_EVERY_MS: u32 = 20_000;
/// How long a leader remembers a follower that says nothing, in milliseconds.
const FORGET_AFTER_MS: u64 = 150_000;
/// How many followers a leader has at most; the others are not told anything and can ask for the lead.
const FOLLOWERS_MAX: usize = 8;
/// How many chats a follower has open at most.
pub const FOLLOWED_CHATS_MAX: usize = 3;
/// How many things a follower waits for at most. More are refused.
const WAITING_MAX: usize = 500;

/// A random number by which a tab is known to the others.
pub type Tab = u64;

/// What tabs say to each other, all of them at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// A tab that would like to follow asks who leads.
    WhoLeads,
    /// This tab leads. Each lead has a random number.
    Leads {
        /// The lead.
        lead: u64,
    },
    /// What a follower would like to see: all of it, each time.
    Follow {
        /// The follower.
        tab: Tab,
        /// To whom it says so. Another leader may hear it, late, or because the follower has heard late who leads.
        lead: u64,
        /// What it would like.
        wants: Wants,
    },
    /// A follower goes.
    Gone {
        /// The follower.
        tab: Tab,
    },
    /// A follower asks that something be done.
    Ask {
        /// The follower.
        tab: Tab,
        /// Whom it asks. Another leader is asked again, in the order in which it was asked first.
        lead: u64,
        /// Which of its questions this is.
        number: u64,
        /// Whether an earlier leader may have done it already.
        is_again: bool,
        /// What is to be done.
        asked: Asked,
    },
    /// The answer to one question.
    Answer {
        /// The follower.
        tab: Tab,
        /// Its question.
        number: u64,
        /// What came of it.
        answer: Answer,
    },
    /// What all followers see.
    Board {
        /// Who says so.
        lead: u64,
        /// All of it.
        board: Box<Board>,
    },
    /// What happened in a chat that a follower has open. The first of it is all there is.
    Chat {
        /// The follower.
        tab: Tab,
        /// Who says so.
        lead: u64,
        /// The chat, by its id.
        chat: String,
        /// What happened.
        change: ChatChange,
    },
}

/// What a follower would like to see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wants {
    /// The chats that it has open, by their ids.
    pub chats: BTreeSet<String>,
    /// Whether the person looks at it.
    pub is_attended: bool,
}

/// What is to be done in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The chat, by its id.
    pub chat: String,
    /// What.
    pub deed: Deed,
}

/// Something that a follower does in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Something with a message.
    Act(Action),
    /// Fetch older messages.
    PageBack,
    /// How much was not read, and up to where it was.
    Unread,
    /// Tell the others that all of it was read.
    MarkRead,
    /// Move the line under which new messages go to the end.
    MoveLine,
    /// Tell the others that one types, or has stopped.
    Type(bool),
    /// The message with this event id, as it stands above an answer.
    Quote(String),
    /// What is known of the message with this key.
    Info(String),
}

impl Deed {
    /// Whether to do it twice is the same as once.
    fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Act(_))
    }

    /// Whether the new leader can find out if it was done.
    fn is_marked(&self) -> bool {
        matches!(self, Self::Act(Action::Send { .. } | Action::Reply { .. }))
    }
}

/// What came of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Of everything that has no other answer.
    Done(Result<(), Trouble>),
    /// Whether there are no older messages.
    Page(Result<bool, Trouble>),
    /// How much was not read, and the event up to which it was.
    Unread(u64, Option<String>),
    /// The quoted message, if it was found.
    Quote(Option<Quote>),
    /// What is known of the message.
    Info(Option<Box<Info>>),
}

/// What all followers see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The list of chats.
    pub chats: Chats,
    /// The link to the server.
    pub connection: Connection,
    /// Whether this device is confirmed.
    pub confirmation: Confirmation,
    /// One's own name, once it is known.
    pub name: Option<String>,
    /// Whom one is in doubt about, as it is kept.
    pub doubts: String,
    /// The call that the leader has.
    pub call: CallElsewhere,
}

/// The call that another tab has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallElsewhere {
    /// None.
    #[default]
    None,
    /// Somebody, by name, calls.
    Rings(String),
    /// It is going on.
    GoesOn,
}

/// What happens in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatChange {
    /// To its messages.
    Conversation(ConversationChange),
    /// The others in it are these.
    People(Vec<Peer>),
}

/// By what the leader after this one knows a message that a follower had sent: it goes with the message, encrypted.
pub fn mark(tab: Tab, number: u64) -> String {
    format!("{tab:016x}-{number}")
}
