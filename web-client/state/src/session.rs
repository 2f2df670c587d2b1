//! Where one tab stands with the session that this browser keeps, as a pure machine: out, in line, in the lead, over.
//!
//! [`Session::step`] takes one [`Input`] and gives the [`Effect`]s it leads to. No storage, no clock and no browser in here:
//! what storage says comes in with the inputs, and how long something takes does too. A session is known by the prefix of
//! its databases; tokens and passwords are none of the machine's business.
//!
//! Only the tab that leads opens the databases, and it lets go of them in one way only: by loading itself anew.

mod lease;
mod step;
mod unsent;
mod wipe;

pub use lease::{LOOK_EVERY_MS, Lease, LeaseNews, Mark, MarkKind};
pub use unsent::unsent_words;
pub use wipe::WipeMark;

use crate::trouble::Trouble;

/// How long the lead may take to come before the page says that another tab has it, in milliseconds: a tab that is loaded
/// anew lets go of it for a moment.
pub const LEAD_PATIENCE_MS: u32 = 1_500;
/// How long a tab that leads may take to say that it lets go, in milliseconds. One that does not is taken for dead.
pub const ANSWER_WITHIN_MS: u32 = 1_000;
/// How long a tab that was taken for dead has to hear of it, if it only slept, before its databases are opened elsewhere, in
/// milliseconds.
pub const STEAL_GRACE_MS: u32 = 500;
/// How long a tab that lets go may take to end what is on its way, in milliseconds.
pub const PAUSE_WITHIN_MS: u32 = 3_000;
/// How long the lead may take to come once it is promised, in milliseconds. Another tab may have been quicker.
pub const HAND_OVER_WITHIN_MS: u32 = PAUSE_WITHIN_MS + LEAD_PATIENCE_MS;
/// How long the server may take to hear of a log-out, in milliseconds.
pub const LOG_OUT_WITHIN_MS: u32 = 10_000;
/// After how long the page says that forgetting a session takes long, in milliseconds.
pub const SLOW_AFTER_MS: u32 = 3_000;

/// Where the tab stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// What an earlier log-out left is being forgotten. Nothing else begins before that is done.
    Clearing,
    /// Nobody is logged in.
    SignedOut,
    /// In line for the lead.
    Waiting(Wait),
    /// In the lead; the databases are being opened.
    Opening,
    /// In the lead; the databases are open.
    Open,
    /// Another tab has asked for the lead; what is on its way is being ended.
    HandingOver,
    /// The server does not take the access token any more. Everything is still here; nothing is asked of the server.
    Lost {
        /// Whether the server says that only the token is over, and not the device.
        is_soft: bool,
    },
    /// The server is being told of a log-out.
    LoggingOut,
    /// The session could not be kept or opened.
    Failed(Trouble),
    /// The page is on its way out: whatever comes now is for the next one.
    Leaving,
}

/// How a tab is in line for the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Since just now.
    Short,
    /// Long enough to say that another tab has it.
    Long,
    /// The person wants it here; the tab that leads has been asked.
    Asked,
    /// It is about to come.
    Promised,
}

/// What happens. `kept` is the session that storage holds at that moment, by the prefix of its databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// What an earlier log-out left is forgotten.
    Cleared {
        /// What storage holds.
        kept: Option<String>,
    },
    /// The person has logged in or signed up.
    LoggedIn {
        /// The new session.
        store: String,
        /// What storage holds: another tab may have been quicker.
        kept: Option<String>,
    },
    /// The session could not be kept.
    SaveFailed(Trouble),
    /// The lead is this tab's.
    LeadGranted {
        /// What storage holds.
        kept: Option<String>,
    },
    /// The lead did not come in time.
    LeadIsSlow,
    /// Another tab took the lead.
    LeadLost,
    /// Another tab says something.
    Heard(Word),
    /// The tab that leads said nothing within [`ANSWER_WITHIN_MS`].
    NoAnswer,
    /// The databases are open.
    Opened,
    /// They are not.
    OpenFailed(Trouble),
    /// What was on its way has ended, or takes longer than [`PAUSE_WITHIN_MS`].
    Paused,
    /// The server does not take the access token any more.
    Refused {
        /// Whether the server says that only the token is over, and not the device.
        is_soft: bool,
    },
    /// The person has logged in again, as the same device.
    LoggedInAgain,
    /// The person logs out.
    LogOut,
    /// The server has heard of the log-out, or could not be reached within [`LOG_OUT_WITHIN_MS`].
    ServerTold(bool),
    /// The person wants to go on in this tab.
    UseItHere,
    /// The person wants everything of the session forgotten in this browser.
    Forget,
    /// The person wants to try again.
    TryAgain,
    /// Another tab changed what storage holds.
    StorageChanged {
        /// What it holds now.
        kept: Option<String>,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Remove files that an earlier session left on disk.
    ClearFiles,
    /// Keep the session that the person has logged in to, or its new token.
    Save,
    /// Ask for the lead; [`Input::LeadIsSlow`] after [`LEAD_PATIENCE_MS`].
    AskForLead,
    /// Take the lead from a tab that does not answer; [`Input::LeadGranted`] after [`STEAL_GRACE_MS`].
    StealLead,
    /// Say something to the other tabs.
    Tell(Word),
    /// [`Input::NoAnswer`] after [`ANSWER_WITHIN_MS`].
    AwaitAnswer,
    /// [`Input::LeadIsSlow`] after [`HAND_OVER_WITHIN_MS`].
    AwaitLead,
    /// Open the databases.
    Open,
    /// Have the browser keep the program for starts without a network.
    KeepProgram,
    /// End calls, stop syncing and sending; [`Input::Paused`] after [`PAUSE_WITHIN_MS`] at the latest.
    Pause,
    /// Tell the server that the session is over; [`Input::ServerTold`] after [`LOG_OUT_WITHIN_MS`] at the latest.
    EndSession,
    /// Tell the server, without waiting, that the session the person has just logged in to is not used.
    DropNewSession,
    /// Take the session out of storage, leave the mark by which the next page forgets the rest, and load that page.
    Wipe {
        /// Whether the server has heard of it.
        is_server_told: bool,
    },
    /// Load the page anew.
    Reload,
}

/// What tabs say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Whoever leads is asked to let go.
    LetGo,
    /// Whoever leads does so within [`PAUSE_WITHIN_MS`].
    LettingGo,
}

impl Word {
    /// As it is written in a message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LetGo => "let-go",
            Self::LettingGo => "letting-go",
        }
    }

    /// Reads what another tab, perhaps of another version, has written.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LetGo, Self::LettingGo].into_iter().find(|word| word.as_str() == text)
    }
}

/// The session of one tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    place: Place,
    /// The session that this tab stands for, by the prefix of its databases.
    store: Option<String>,
}

impl Default for Session {
    fn default() -> Self {
        Self { place: Place::Clearing, store: None }
    }
}

impl Session {
    /// Where the tab stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The session that this tab stands for, by the prefix of its databases.
    pub fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }
}
