//! Conversations that stay open behind the one shown, so that switching back is instant. Bounded: the one unused for
//! longest is closed first.

use std::{cell::RefCell, rc::Rc};

use dioxus::{
    core::{Task, spawn_forever},
    prelude::*,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::{self, Conversation, ConversationChange},
    trouble::Trouble,
};

use crate::client::{Account, OpenConversation};

/// How many are kept open.
const MAX_OPEN: usize = 8;
/// A chat made a moment ago may need this many tries, a quarter of a second apart, until the library knows it.
const OPEN_TRIES: u32 = 40;
const OPEN_RETRY_MS: u32 = 250;

/// One open conversation. Copying shares it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct OpenChat {
    /// What is shown.
    pub(crate) state: Signal<Conversation>,
    /// What can be done in it, once it is open.
    pub(crate) handle: Signal<Option<OpenConversation>>,
    task: Task,
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
        let state = Signal::new_in_scope(Conversation::default(), ScopeId::ROOT);
        let handle = Signal::new_in_scope(None, ScopeId::ROOT);
        let task = spawn_forever(run(account.clone(), id.to_owned(), state, handle));
        let chat = OpenChat { state, handle, task };
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
    chat.task.cancel();
    chat.handle.set(None);
    chat.state.set(Conversation::default());
}

async fn run(account: Account, id: String, mut state: Signal<Conversation>, mut handle: Signal<Option<OpenConversation>>) {
    for _ in 0..OPEN_TRIES {
        if account.knows(&id) {
            break;
        }
        TimeoutFuture::new(OPEN_RETRY_MS).await;
    }
    if !account.knows(&id) {
        return conversation::fold(&mut state.write(), ConversationChange::Failed(Trouble::NoSuchPerson));
    }
    loop {
        match account.open_conversation(&id).await {
            Ok((opened, kept)) => {
                handle.set(Some(opened.clone()));
                opened.watch(kept, |change| conversation::fold(&mut state.write(), change)).await;
            }
            Err(trouble) => return conversation::fold(&mut state.write(), ConversationChange::Failed(trouble)),
        }
    }
}
