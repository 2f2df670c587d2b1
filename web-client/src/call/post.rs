//! Sends signals: those of one chat one after the other, those of different chats side by side.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use dioxus::core::spawn_forever;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use hearth_web_state::call::{CallInput, Signal, Ticket, signal::Body};

use super::reports::Reports;
use crate::{browser, client::Account};

/// What leaves for one chat.
struct Letter {
    ticket: Ticket,
    signal: Signal,
    expires_after_ms: Option<u64>,
}

/// What waits for one chat.
#[derive(Default)]
struct Waiting {
    letters: RefCell<VecDeque<Letter>>,
}

impl Waiting {
    /// Whether the end of this letter's call waits behind it. What sets up a call that is over need not be sent, but
    /// for the invite: an end makes no sense without it.
    fn is_overtaken(&self, letter: &Letter) -> bool {
        let signal = &letter.signal;
        let may_drop = signal.is_ephemeral() && !matches!(signal.body, Body::Invite(_));
        let ends = |other: &Letter| !other.signal.is_ephemeral() && other.signal.call_id == signal.call_id;
        may_drop && self.letters.borrow().iter().any(ends)
    }
}

/// What waits for a chat, and the bell of the task that sends it.
type Chat = (Rc<Waiting>, UnboundedSender<()>);

/// The way out for all chats.
pub(super) struct Post {
    account: Account,
    reports: Reports,
    chats: RefCell<HashMap<String, Chat>>,
    expires: Rc<Cell<bool>>,
}

impl Post {
    /// Nothing to send yet.
    pub(super) fn new(account: Account, reports: Reports) -> Self {
        Self { account, reports, chats: RefCell::default(), expires: Rc::default() }
    }

    /// Whether the server erases what is declared to expire.
    pub(super) fn set_expires(&self, expires: bool) {
        self.expires.set(expires);
    }

    /// Sends a signal after those that were given earlier for the same chat.
    pub(super) fn send(&self, ticket: Ticket, chat_id: &str, signal: Signal, expires_after_ms: Option<u64>) {
        let mut chats = self.chats.borrow_mut();
        let (waiting, bell) = chats.entry(chat_id.to_owned()).or_insert_with(|| {
            let (bell, rings) = unbounded();
            let waiting = Rc::<Waiting>::default();
            let route = Route {
                account: self.account.clone(),
                reports: self.reports.clone(),
                expires: Rc::clone(&self.expires),
                chat_id: chat_id.to_owned(),
                waiting: Rc::clone(&waiting),
            };
            spawn_forever(route.deliver(rings));
            (waiting, bell)
        });
        waiting.letters.borrow_mut().push_back(Letter { ticket, signal, expires_after_ms });
        // The other end lives as long as this one.
        let _ = bell.unbounded_send(());
    }
}

/// The way to one chat.
struct Route {
    account: Account,
    reports: Reports,
    expires: Rc<Cell<bool>>,
    chat_id: String,
    waiting: Rc<Waiting>,
}

impl Route {
    async fn deliver(self, mut rings: UnboundedReceiver<()>) {
        while rings.next().await.is_some() {
            let Some(letter) = self.waiting.letters.borrow_mut().pop_front() else { continue };
            let ok = !self.waiting.is_overtaken(&letter) && self.send(&letter).await;
            // Nobody listens any more once the account is closed.
            let _ = self.reports.unbounded_send(CallInput::Sent { ticket: letter.ticket, ok });
        }
    }

    async fn send(&self, letter: &Letter) -> bool {
        match self.account.send_signal(&self.chat_id, &letter.signal).await {
            Ok(event_id) => {
                if let Some(after_ms) = letter.expires_after_ms.filter(|_| self.expires.get()) {
                    let (account, chat_id) = (self.account.clone(), self.chat_id.clone());
                    // The next signal does not wait for this.
                    spawn_forever(async move { account.let_expire(&chat_id, &event_id, after_ms).await });
                }
                true
            }
            Err(trouble) => {
                browser::warn(&format!("sending a signal: {trouble:?}"));
                if !letter.signal.is_ephemeral() {
                    self.account.queue_signal(&self.chat_id, &letter.signal).await;
                }
                false
            }
        }
    }
}
