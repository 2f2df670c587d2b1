//! What the panes of the workspace share.

use std::collections::{BTreeMap, HashMap};

use dioxus::prelude::*;
use hearth_web_state::{
    calendar::LocalTime,
    chats::Chats,
    composing::Composing,
    connection::Connection,
    drafts,
    files::{Outbox, kept, restored},
    identity::Confirmation,
    renewal::Moment,
    told::Wishes,
};
use web_sys::File;

use crate::{
    browser::{self, Permission},
    client::{Person, Profile, Protection},
    task::lasting,
};

/// What is being written, for a reload.
const DRAFTS: &str = "hearth.drafts";
/// Names of files that are not sent yet, for a reload.
const UNSENT_FILES: &str = "hearth.unsent-files";

/// Which pane is shown. Kept with the history entry, so that the back button works and a reload returns here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// None: the sidebar alone on a narrow page.
    #[default]
    Home,
    /// The chat with this id.
    Chat(String),
    /// The chat with this person, while it is looked for or made.
    Opening(Person),
    /// Settings.
    Settings,
    /// The recovery key.
    Recovery,
    /// What admins see and do; of that the ledger, for everybody else.
    Admin,
}

impl View {
    /// Reads the form kept with a history entry; anything unknown is home.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "settings" => Self::Settings,
            "recovery" => Self::Recovery,
            "admin" => Self::Admin,
            _ => text.strip_prefix("chat:").map_or(Self::Home, |id| Self::Chat(id.to_owned())),
        }
    }

    fn to_text(&self) -> String {
        match self {
            // A reload does not open a chat once more: it is in the list by then.
            Self::Home | Self::Opening(_) => String::new(),
            Self::Chat(id) => format!("chat:{id}"),
            Self::Settings => "settings".to_owned(),
            Self::Recovery => "recovery".to_owned(),
            Self::Admin => "admin".to_owned(),
        }
    }
}

/// The shared state. Copying shares it.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// The sidebar's list.
    pub(crate) chats: Signal<Chats>,
    /// The link to the server.
    pub(crate) connection: Signal<Connection>,
    /// How well the keys are kept.
    pub(crate) protection: Signal<Protection>,
    /// Whether this device is confirmed.
    pub(crate) confirmation: Signal<Confirmation>,
    /// One's own profile, once loaded.
    pub(crate) profile: Signal<Option<Profile>>,
    /// The pane shown.
    pub(crate) view: Signal<View>,
    /// Whether the person looks at the page.
    pub(crate) attended: Signal<bool>,
    /// What is typed in the search field.
    pub(crate) query: Signal<String>,
    /// What is about to be sent, by chat.
    pub(crate) drafts: Signal<HashMap<String, Composing>>,
    /// Files that are about to be sent or on their way, by chat.
    pub(crate) outboxes: Signal<HashMap<String, Outbox<File>>>,
    /// Names of files that were on their way when the page was loaded anew, by chat.
    pub(crate) lost: Signal<BTreeMap<String, Vec<String>>>,
    /// Which files were not taken just now: the chat, and why.
    pub(crate) refused: Signal<Option<(String, String)>>,
    /// Whether the newest message of the chat that is shown is on the screen.
    pub(crate) at_end: Signal<bool>,
    /// What the person wishes to be told while they do not look; nothing until they have said.
    pub(crate) wishes: Signal<Option<Wishes>>,
    /// Whether there is a newer program.
    pub(crate) has_newer: Signal<bool>,
    /// Now, on the reader's wall clock; set when a new day begins, for all that names days.
    pub(crate) now: Signal<LocalTime>,
}

impl Desk {
    /// The state at the start: the view of the current history entry, everything else empty.
    pub(crate) fn new() -> Self {
        Self {
            chats: lasting(Chats::default()),
            connection: lasting(Connection::default()),
            protection: lasting(Protection::default()),
            confirmation: lasting(Confirmation::default()),
            profile: lasting(None),
            view: lasting(browser::history_view().map(|text| View::parse(&text)).unwrap_or_default()),
            attended: lasting(browser::is_attended()),
            query: lasting(String::new()),
            drafts: lasting(restored_drafts()),
            outboxes: lasting(HashMap::new()),
            lost: lasting(browser::stored_in_tab(UNSENT_FILES).map(|text| restored(&text)).unwrap_or_default()),
            refused: lasting(None),
            at_end: lasting(false),
            wishes: lasting(browser::wishes()),
            has_newer: lasting(browser::has_newer()),
            now: lasting(browser::now()),
        }
    }

    /// Shows a pane, as a new history entry.
    pub(crate) fn go(&mut self, view: View) {
        if *self.view.peek() != view {
            browser::set_history_view(&view.to_text(), false);
            self.view.set(view);
        }
    }

    /// Shows a pane in the place of the one shown, in the history too.
    pub(crate) fn replace(&mut self, view: View) {
        browser::set_history_view(&view.to_text(), true);
        self.view.set(view);
    }

    /// What was being written in one chat goes on in another.
    pub(crate) fn move_draft(&mut self, from: &str, to: &str) {
        let draft = self.drafts.write().remove(from);
        if let Some(draft) = draft {
            self.drafts.write().entry(to.to_owned()).or_insert(draft);
        }
    }

    /// How many messages have not got as far as the library.
    pub(crate) fn unsent_messages(&self) -> usize {
        self.drafts.peek().values().map(|draft| draft.unsent.len()).sum()
    }

    /// How many files are picked or on their way.
    pub(crate) fn unsent_file_count(&self) -> usize {
        self.outboxes.peek().values().map(|outbox| outbox.names().len()).sum()
    }

    /// What is being written everywhere, as it is kept.
    pub(crate) fn written(&self) -> Option<String> {
        let drafts = self.drafts.read();
        drafts::kept(drafts.iter().map(|(chat, draft)| (chat.as_str(), draft.own_text())))
    }

    /// Keeps it for a reload.
    pub(crate) fn keep_written(written: Option<&str>) {
        match written {
            // Without it only a reload loses what was begun.
            Some(written) => {
                browser::store(DRAFTS, written);
            }
            None => browser::unstore(DRAFTS),
        }
    }

    /// Names of all files that a reload would lose, and of those that one has lost, as they are kept.
    pub(crate) fn unsent_files(&self) -> Option<String> {
        let (outboxes, lost) = (self.outboxes.read(), self.lost.read());
        let going = outboxes.iter().map(|(chat, outbox)| (chat.as_str(), outbox.names()));
        let gone = lost.iter().map(|(chat, names)| (chat.as_str(), names.iter().map(String::as_str).collect()));
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (chat, names) in gone.chain(going) {
            let names: Vec<&str> = names;
            all.entry(chat).or_default().extend(names);
        }
        kept(all.into_iter())
    }

    /// Keeps them for a reload.
    pub(crate) fn keep_unsent_files(unsent: Option<&str>) {
        browser::store_in_tab(UNSENT_FILES, unsent);
    }

    /// Takes down what the person wishes to be told.
    pub(crate) fn wish(&mut self, wishes: Wishes) {
        browser::keep_wishes(wishes);
        self.wishes.set(Some(wishes));
    }

    /// Turns notes on, if the browser allows it, or off. Who wants to be told also wants to be let in again, so the browser
    /// is asked to keep the databases too.
    pub(crate) async fn wish_to_be_told(&mut self, is_on: bool) {
        let is_on = is_on && browser::ask_permission().await == Permission::Granted;
        let wishes = self.wishes.peek().unwrap_or_default();
        self.wish(Wishes { is_on, ..wishes });
        if is_on {
            browser::ask_for_persistence().await;
        }
    }

    /// Whether the page can be loaded anew, in `calls` or not, with nobody losing anything by it.
    pub(crate) fn moment(&self, is_in_call: bool) -> Moment {
        Moment {
            is_looked_at: !browser::is_hidden(),
            is_in_call,
            is_writing: !self.drafts.peek().values().all(Composing::is_empty) || !self.query.peek().is_empty(),
            is_sending: self.unsent_files().is_some() || self.chats.peek().is_sending(),
            is_in_form: matches!(*self.view.peek(), View::Settings | View::Recovery | View::Admin | View::Opening(_)),
        }
    }

    /// One step out of whatever is in front.
    pub(crate) fn escape(&mut self) {
        if !self.query.peek().is_empty() {
            self.query.set(String::new());
        } else if matches!(*self.view.peek(), View::Settings | View::Recovery | View::Admin) {
            self.go(View::Home);
        }
    }
}

fn restored_drafts() -> HashMap<String, Composing> {
    let kept = browser::stored(DRAFTS).map(|text| drafts::restored(&text)).unwrap_or_default();
    kept.into_iter().map(|(chat, text)| (chat, Composing::begun(text))).collect()
}
