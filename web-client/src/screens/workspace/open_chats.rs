//! Conversations that stay open behind the one shown, so that switching back is instant. Bounded: the one unused for
//! longest is closed first.

use std::{cell::RefCell, rc::Rc};

use dioxus::{
    core::{Task, spawn_forever},
    prelude::*,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::{ConversationChange, Paging, Row, Window},
    trouble::Trouble,
};

use crate::{
    client::{Account, OpenConversation},
    task::lasting,
};

/// How many are kept open.
const MAX_OPEN: usize = 8;
/// A chat made a moment ago may need this many tries, a quarter of a second apart, until the library knows it.
const OPEN_TRIES: u32 = 40;
const OPEN_RETRY_MS: u32 = 250;

/// One open conversation. Copying shares it. What changes at a different pace is a signal of its own, so that somebody
/// who types does not have the log laid out anew.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct OpenChat {
    /// The rows, oldest first.
    pub(crate) rows: Signal<Vec<Row>>,
    /// Which of them are on the page.
    pub(crate) window: Signal<Window>,
    /// Whether the timeline has been opened.
    pub(crate) opened: Signal<Option<Result<(), Trouble>>>,
    /// Older messages.
    pub(crate) paging: Signal<Paging>,
    /// Display names of those typing, oneself left out.
    pub(crate) typing: Signal<Vec<String>>,
    /// What can be done in it, once it is open.
    pub(crate) handle: Signal<Option<OpenConversation>>,
    task: Signal<Option<Task>>,
}

impl OpenChat {
    /// Takes in what happened.
    pub(crate) fn take_in(mut self, change: ConversationChange) {
        match change {
            ConversationChange::Opened => self.opened.set(Some(Ok(()))),
            ConversationChange::Failed(trouble) => self.opened.set(Some(Err(trouble))),
            ConversationChange::Rows(changes) => {
                let mut rows = self.rows.write();
                for change in changes {
                    change.apply(&mut rows);
                }
            }
            ConversationChange::Paging(paging) => set_if_new(self.paging, paging),
            ConversationChange::Typing(names) => set_if_new(self.typing, names),
        }
    }
}

/// Sets a signal only when that changes it, so that nothing is rendered anew for nothing.
pub(crate) fn set_if_new<T: PartialEq + 'static>(mut signal: Signal<T>, value: T) {
    if *signal.peek() != value {
        signal.set(value);
    }
}

/// All open conversations, most recently used last. Cloning shares them.
#[derive(Clone, Default)]
pub(crate) struct OpenChats(Rc<RefCell<Vec<(String, OpenChat)>>>);

impl OpenChats {
    /// The conversation with this chat's id, opened now if it was not.
    pub(crate) fn open(&self, account: &Account, id: &str) -> OpenChat {
        let mut open = self.0.borrow_mut();
        if let Some(at) = open.iter().position(|(known, _)| known == id) {
            let found = open.remove(at);
            let chat = found.1;
            open.push(found);
            return chat;
        }
        if open.len() >= MAX_OPEN {
            close(open.remove(0).1);
        }
        let chat = OpenChat {
            rows: lasting(Vec::new()),
            window: lasting(Window::default()),
            opened: lasting(None),
            paging: lasting(Paging::default()),
            typing: lasting(Vec::new()),
            handle: lasting(None),
            task: lasting(None),
        };
        let mut task = chat.task;
        task.set(Some(spawn_forever(run(account.clone(), id.to_owned(), chat))));
        open.push((id.to_owned(), chat));
        chat
    }

    /// Forgets a conversation that could not be opened, so that the next try starts over.
    pub(crate) fn forget(&self, id: &str) {
        let mut open = self.0.borrow_mut();
        if let Some(at) = open.iter().position(|(known, _)| known == id) {
            close(open.remove(at).1);
        }
    }
}

fn close(mut chat: OpenChat) {
    if let Some(task) = chat.task.take() {
        task.cancel();
    }
    chat.handle.set(None);
    chat.rows.set(Vec::new());
    chat.opened.set(None);
}

async fn run(account: Account, id: String, chat: OpenChat) {
    let mut handle = chat.handle;
    for _ in 0..OPEN_TRIES {
        if account.knows(&id) {
            break;
        }
        TimeoutFuture::new(OPEN_RETRY_MS).await;
    }
    if !account.knows(&id) {
        return chat.take_in(ConversationChange::Failed(Trouble::NoSuchPerson));
    }
    loop {
        match account.open_conversation(&id).await {
            Ok((opened, kept)) => {
                handle.set(Some(opened.clone()));
                opened.watch(kept, |change| chat.take_in(change)).await;
            }
            Err(trouble) => return chat.take_in(ConversationChange::Failed(trouble)),
        }
    }
}
