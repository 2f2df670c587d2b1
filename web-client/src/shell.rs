//! What every screen can reach: where the page stands, and the ways from there.

mod transitions;

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{browser::BootForm, client::Account};

pub(crate) use transitions::{enter, leave, start, take_lead_and_reload};

/// Remembers that the recovery key of a new account was not saved yet.
pub(crate) const KEY_REMINDER: &str = "hearth.key-reminder";

/// Where the page stands.
#[derive(Clone, PartialEq)]
pub(crate) enum Phase {
    /// Finding out whether somebody is logged in, and opening the databases.
    Starting,
    /// Nobody is logged in.
    SignedOut,
    /// Another tab has the databases open.
    Elsewhere,
    /// The databases could not be opened.
    Failed(Trouble),
    /// Somebody is logged in.
    Open(Account),
}

/// The recovery key of an account made a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FreshKey {
    /// Nothing to show.
    None,
    /// Being made.
    Making,
    /// To be saved by the person.
    Ready(String),
    /// Could not be made.
    Failed(Trouble),
}

/// How a session came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It was kept from the last visit.
    Returned,
    /// The person logged in.
    LoggedIn,
    /// The account is new.
    SignedUp {
        /// What others are to see; empty for the username.
        display_name: String,
        /// For servers that ask for it once more when the first keys are uploaded.
        password: String,
    },
}

/// What every screen can reach.
#[derive(Clone, Copy)]
pub(crate) struct Shell {
    /// Where the page stands.
    pub(crate) phase: Signal<Phase>,
    /// The recovery key of a new account.
    pub(crate) fresh_key: Signal<FreshKey>,
    /// What the static form held.
    pub(crate) boot: Signal<BootForm>,
}
