//! Sends signals: those of one chat one after the other, those of different chats side by side.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use dioxus::core::spawn_forever;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use hearth_web_state::call::{CallInput, Signal, Ticket};

use super::peer::Reports;
use crate::{browser, client::Account};

/// What leaves for one chat.
struct Letter {
    ticket: Ticket,
    signal: Signal,
    expires_after_ms: Option<u64>,
}

/// The way out for all chats.
pub(super) struct Post {
    account: Account,
    reports: Reports,
    chats: RefCell<HashMap<String, UnboundedSender<Letter>>>,
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
        let letters = chats.entry(chat_id.to_owned()).or_insert_with(|| {
            let (letters, todo) = unbounded();
            let expires = Rc::clone(&self.expires);
            spawn_forever(deliver(self.account.clone(), chat_id.to_owned(), todo, self.reports.clone(), expires));
            letters
        });
        // The other end lives as long as this one.
        let _ = letters.unbounded_send(Letter { ticket, signal, expires_after_ms });
    }
}

async fn deliver(
    account: Account,
    chat_id: String,
    mut todo: UnboundedReceiver<Letter>,
    reports: Reports,
    expires: Rc<Cell<bool>>,
) {
    while let Some(letter) = todo.next().await {
        let sent = account.send_signal(&chat_id, &letter.signal).await;
        // Nobody listens any more once the account is closed.
        let _ = reports.unbounded_send(CallInput::Sent { ticket: letter.ticket, ok: sent.is_ok() });
        match (sent, letter.expires_after_ms) {
            (Ok(event_id), Some(after_ms)) if expires.get() => {
                let (account, chat_id) = (account.clone(), chat_id.clone());
                // The next signal does not wait for this.
                spawn_forever(async move { account.let_expire(&chat_id, &event_id, after_ms).await });
            }
            (Ok(_), _) => {}
            (Err(trouble), _) => {
                browser::warn(&format!("sending a signal: {trouble:?}"));
                if !letter.signal.is_ephemeral() {
                    account.queue_signal(&chat_id, &letter.signal).await;
                }
            }
        }
    }
}
