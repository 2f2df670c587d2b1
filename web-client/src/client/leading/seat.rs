//! One chat that is open for one follower.

use std::{cell::RefCell, pin::pin, rc::Rc};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::{
    StreamExt,
    future::{Either, pending, select},
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::ConversationChange,
    follow::{Answer, ChatChange, Deed},
    trouble::Trouble,
};

use crate::client::{
    Account,
    conversation::{Conversation, KeptChanges},
};

/// A chat made a moment ago may need this many tries, a quarter of a second apart, until the library knows it.
const OPEN_TRIES: u32 = 40;
const OPEN_RETRY_MS: u32 = 250;

/// A question of a follower, by its number.
type Question = (u64, Deed);
/// The conversation, while it is open.
pub(super) type Open = Rc<RefCell<Option<Conversation>>>;

/// Where a follower's questions about a chat go. The chat is closed when it is dropped.
pub(super) struct Seat {
    questions: UnboundedSender<Question>,
    open: Open,
}

impl Seat {
    pub(super) fn new() -> (Self, UnboundedReceiver<Question>) {
        let (questions, asked) = unbounded();
        (Self { questions, open: Open::default() }, asked)
    }

    pub(super) fn open(&self) -> Open {
        Rc::clone(&self.open)
    }

    pub(super) fn conversation(&self) -> Option<Conversation> {
        self.open.borrow().clone()
    }

    pub(super) fn ask(&self, number: u64, deed: Deed) -> bool {
        self.questions.unbounded_send((number, deed)).is_ok()
    }
}

/// Tells what happens in the chat and looks up what is asked, until the chat is closed and all of it is answered.
pub(super) async fn serve(
    account: &Account,
    chat: &str,
    current: &Open,
    asked: UnboundedReceiver<Question>,
    tell: impl Fn(ChatChange),
    answer: impl Fn(u64, Answer),
) {
    let answer = &answer;
    let answering = asked.for_each_concurrent(None, |(number, deed)| async move {
        let conversation = current.borrow().clone();
        answer(
            number,
            match conversation {
                Some(conversation) => look_up(conversation, deed).await,
                // It is asked again by what is shown then.
                None => Answer::Done(Err(Trouble::Unknown)),
            },
        );
    });
    let telling = async {
        loop {
            match open(account, chat).await {
                Ok((opened, kept)) => {
                    current.replace(Some(opened.clone()));
                    watch(account, chat, &opened, kept, &tell).await;
                }
                Err(trouble) => return tell(ChatChange::Conversation(ConversationChange::Failed(trouble))),
            }
        }
    };
    let telling = async {
        telling.await;
        pending::<()>().await;
    };
    select(pin!(telling), pin!(answering)).await;
}

/// Opens a chat.
///
/// # Errors
/// When the library does not know it, or its timeline cannot be built.
pub(super) async fn open(account: &Account, chat: &str) -> Result<(Conversation, KeptChanges), Trouble> {
    for _ in 0..OPEN_TRIES {
        if account.knows(chat) {
            break;
        }
        TimeoutFuture::new(OPEN_RETRY_MS).await;
    }
    account.open_conversation(chat).await
}

/// Returns when the chat has to be opened anew.
async fn watch(account: &Account, chat: &str, opened: &Conversation, kept: KeptChanges, tell: &impl Fn(ChatChange)) {
    let watching = opened.watch(kept, |change| tell(ChatChange::Conversation(change)));
    let with_people = async {
        account.watch_people(chat, |people| tell(ChatChange::People(people))).await;
        pending::<()>().await;
    };
    match select(pin!(watching), pin!(with_people)).await {
        Either::Left(_) | Either::Right(_) => {}
    }
}

async fn look_up(conversation: Conversation, deed: Deed) -> Answer {
    match deed {
        Deed::PageBack => Answer::Page(conversation.page_back().await),
        Deed::Unread => {
            let (count, read) = conversation.unread().await;
            Answer::Unread(count, read)
        }
        Deed::Quote(id) => Answer::Quote(conversation.quote(&id).await),
        Deed::Info(key) => Answer::Info(conversation.info(&key).await.map(Box::new)),
        Deed::MarkRead => {
            conversation.mark_read().await;
            Answer::Done(Ok(()))
        }
        Deed::MoveLine => {
            conversation.move_line().await;
            Answer::Done(Ok(()))
        }
        Deed::Type(typing) => {
            conversation.type_notice(typing).await;
            Answer::Done(Ok(()))
        }
        // What is done in a chat goes through the follower's hand.
        Deed::Act(_) => Answer::Done(Err(Trouble::Unknown)),
    }
}
