//! What every screen can reach: where the page stands with its session, and the ways from there.
//!
//! What follows from what is decided by the machine in `hearth_web_state::session`; `effects` does what it says.

mod effects;
mod opening;

use std::rc::Rc;

use dioxus::{core::spawn_forever, prelude::*};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    session::{Input, STEAL_GRACE_MS, Session as Machine},
    trouble::Trouble,
};

use crate::{
    browser::{self, BootForm, Lead, LeadNews, Tabs},
    client::{Account, Session},
};

/// Remembers that the recovery key of a new account was not saved yet.
pub(crate) const KEY_REMINDER: &str = "hearth.key-reminder";

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

/// What every screen can reach. Copying shares it.
#[derive(Clone, Copy)]
pub(crate) struct Shell {
    /// Where the page stands.
    pub(crate) machine: Signal<Machine>,
    /// The account, once it is open.
    pub(crate) account: Signal<Option<Account>>,
    /// Whether forgetting an earlier session takes long.
    pub(crate) clears_slowly: Signal<bool>,
    /// The recovery key of a new account.
    pub(crate) fresh_key: Signal<FreshKey>,
    /// What the static form held.
    pub(crate) boot: Signal<BootForm>,
    /// Whose log-in is not kept yet.
    fresh_session: Signal<Option<Session>>,
    entry: Signal<Entry>,
    ways: Signal<Option<Rc<Ways>>>,
}

/// The ways to the other tabs.
struct Ways {
    lead: Lead,
    tabs: Tabs,
}

impl Shell {
    /// The state at the start.
    pub(crate) fn new() -> Self {
        Self {
            machine: Signal::new(Machine::default()),
            account: Signal::new(None),
            clears_slowly: Signal::new(false),
            fresh_key: Signal::new(FreshKey::None),
            boot: Signal::new(browser::take_boot().unwrap_or_default()),
            fresh_session: Signal::new(None),
            entry: Signal::new(Entry::Returned),
            ways: Signal::new(None),
        }
    }

    /// Takes one thing that happened and does what follows.
    pub(crate) fn step(mut self, input: Input) {
        let mut machine = self.machine.peek().clone();
        let effects = machine.step(input);
        if *self.machine.peek() != machine {
            self.machine.set(machine);
        }
        for effect in effects {
            self.run(effect);
        }
    }

    /// Begins: finishes an earlier log-out, and listens to the other tabs.
    pub(crate) async fn start(mut self) {
        let (lead, lead_news) = Lead::new();
        let (tabs, words) = Tabs::new();
        self.ways.set(Some(Rc::new(Ways { lead, tabs })));
        spawn(lead_news.for_each(move |news| async move { self.take_in(news) }));
        spawn(words.for_each(move |word| async move { self.step(Input::Heard(word)) }));
        self.clear().await;
        self.step(Input::Cleared { kept: Session::kept() });
    }

    /// The person has logged in or signed up.
    pub(crate) fn enter(mut self, session: Session, entry: Entry) {
        let store = session.store.clone();
        self.fresh_session.set(Some(session));
        self.entry.set(entry);
        self.step(Input::LoggedIn { store, kept: Session::kept() });
    }

    /// The person has logged in again, as the same device.
    pub(crate) fn enter_again(mut self, session: Session) {
        self.fresh_session.set(Some(session));
        self.step(Input::LoggedInAgain);
    }

    fn take_in(self, news: LeadNews) {
        match news {
            LeadNews::Granted => self.step(Input::LeadGranted { kept: Session::kept() }),
            LeadNews::Lost => self.step(Input::LeadLost),
            LeadNews::Stolen => {
                spawn_forever(async move {
                    TimeoutFuture::new(STEAL_GRACE_MS).await;
                    self.step(Input::LeadGranted { kept: Session::kept() });
                });
            }
        }
    }
}
