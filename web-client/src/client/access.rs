//! The account as a tab has it: open in this one, or in the one that leads.

use hearth_web_state::{conversation::ConversationChange, follow::Deed, message::Action, trouble::Trouble};
use hearth_web_state::{
    files::Failure,
    follow::FOLLOWED_CHATS_MAX,
    identity::Peer,
    message::{Info, Media, Quote},
};

use super::{
    Account,
    conversation::{Conversation, KeptChanges},
    files::fetch_with,
    led::{Led, LedConversation, Told},
    session::Session,
};
use crate::browser::files::Kept;

/// How many conversations the tab that leads keeps open behind the one shown.
const OPEN_CHATS_MAX: usize = 8;

/// The account, for all that tabs do that lead and tabs that follow. Cloning shares it.
#[derive(Clone, PartialEq)]
pub(crate) enum Access {
    /// It is open in this tab.
    Own(Box<Account>),
    /// Another tab leads.
    Led(Led),
}

/// What comes of a conversation that was opened.
pub(crate) enum Changes {
    /// From the databases.
    Kept(Box<KeptChanges>),
    /// From the tab that leads.
    Told(Told),
}

impl Access {
    /// `@alice:example.org`.
    pub(crate) fn user_id(&self) -> &str {
        match self {
            Self::Own(account) => account.user_id(),
            Self::Led(led) => led.user_id(),
        }
    }

    /// The account, if it is open in this tab: for what only the tab that leads does.
    pub(crate) fn own(&self) -> Option<&Account> {
        match self {
            Self::Own(account) => Some(account),
            Self::Led(_) => None,
        }
    }

    /// Whether the chat is known, which a chat made a moment ago may not be yet. What a follower is shown is.
    pub(crate) fn knows(&self, chat_id: &str) -> bool {
        self.own().is_none_or(|account| account.knows(chat_id))
    }

    /// How many conversations may be open at once.
    pub(crate) fn open_chats_max(&self) -> usize {
        if self.own().is_some() { OPEN_CHATS_MAX } else { FOLLOWED_CHATS_MAX }
    }

    /// Opens a conversation from what is kept locally. The changes are for [`OpenConversation::watch`].
    ///
    /// # Errors
    /// When the chat is not known or its timeline cannot be built.
    pub(crate) async fn open_conversation(&self, chat_id: &str) -> Result<(OpenConversation, Changes), Trouble> {
        match self {
            Self::Own(account) => {
                let (opened, kept) = account.open_conversation(chat_id).await?;
                Ok((OpenConversation::Own(opened), Changes::Kept(Box::new(kept))))
            }
            Self::Led(led) => {
                let (opened, told) = led.open(chat_id)?;
                Ok((OpenConversation::Led(opened), Changes::Told(told)))
            }
        }
    }

    /// Reports what is known of the others in a chat, now and on every change, for as long as it is polled.
    pub(crate) async fn watch_people(&self, chat_id: &str, report: impl FnMut(Vec<Peer>)) {
        match self {
            Self::Own(account) => account.watch_people(chat_id, report).await,
            Self::Led(led) => led.watch_people(chat_id, report).await,
        }
    }

    /// Fetches a file as one of the type `mime`, decrypted if it is encrypted. `report` is told how many bytes there
    /// are so far.
    ///
    /// # Errors
    /// [`Failure::Damaged`] when it is not what was sent.
    pub(crate) async fn fetch_file(&self, media: &Media, mime: &str, report: &dyn Fn(u64)) -> Result<Kept, Failure> {
        match self {
            Self::Own(account) => account.fetch_file(media, mime, report).await,
            Self::Led(_) => {
                // The tab that leads renews the token, and keeps it where all tabs find it.
                let token = Session::load().map(|session| session.access_token).unwrap_or_default();
                fetch_with(&token, media, mime, report).await
            }
        }
    }
}

/// An open conversation. Cloning shares it.
#[derive(Clone, PartialEq)]
pub(crate) enum OpenConversation {
    /// It is open in this tab.
    Own(Conversation),
    /// It is open in the tab that leads.
    Led(LedConversation),
}

impl OpenConversation {
    /// The conversation, if it is open in this tab: for what only the tab that leads does.
    pub(crate) fn own(&self) -> Option<&Conversation> {
        match self {
            Self::Own(own) => Some(own),
            Self::Led(_) => None,
        }
    }

    /// Reports the rows, paging and typing, and every change to them. Returns when the conversation has to be opened anew.
    pub(crate) async fn watch(&self, changes: Changes, report: impl FnMut(ConversationChange)) {
        match (self, changes) {
            (Self::Own(own), Changes::Kept(kept)) => own.watch(*kept, report).await,
            (Self::Led(led), Changes::Told(told)) => led.watch(told, report).await,
            // Neither comes of the other.
            (Self::Own(_), Changes::Told(_)) | (Self::Led(_), Changes::Kept(_)) => {}
        }
    }

    /// Carries out one action. What is sent shows at once; the queue sends it when the connection allows.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn act(&self, action: &Action) -> Result<(), Trouble> {
        match self {
            Self::Own(own) => own.act(action, None).await,
            Self::Led(led) => led.act(action).await,
        }
    }

    /// Fetches older messages; true when there are none left.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn page_back(&self) -> Result<bool, Trouble> {
        match self {
            Self::Own(own) => own.page_back().await,
            Self::Led(led) => led.page_back().await,
        }
    }

    /// How many messages one has not read, and the event up to which one has, if that is known.
    pub(crate) async fn unread(&self) -> (u64, Option<String>) {
        match self {
            Self::Own(own) => own.unread().await,
            Self::Led(led) => led.unread().await,
        }
    }

    /// Tells the others that everything was read.
    pub(crate) async fn mark_read(&self) {
        match self {
            Self::Own(own) => own.mark_read().await,
            Self::Led(led) => led.tell(Deed::MarkRead).await,
        }
    }

    /// Moves the line under which new messages go to the end.
    pub(crate) async fn move_line(&self) {
        match self {
            Self::Own(own) => own.move_line().await,
            Self::Led(led) => led.tell(Deed::MoveLine).await,
        }
    }

    /// Tells the others that one types, or has stopped.
    pub(crate) async fn type_notice(&self, typing: bool) {
        match self {
            Self::Own(own) => own.type_notice(typing).await,
            Self::Led(led) => led.tell(Deed::Type(typing)).await,
        }
    }

    /// The message with this event id as it stands above an answer; `None` when it cannot be had.
    pub(crate) async fn quote(&self, id: &str) -> Option<Quote> {
        match self {
            Self::Own(own) => own.quote(id).await,
            Self::Led(led) => led.quote(id).await,
        }
    }

    /// What is known of the message with this key; `None` when it is not there any more.
    pub(crate) async fn info(&self, key: &str) -> Option<Info> {
        match self {
            Self::Own(own) => own.info(key).await,
            Self::Led(led) => led.info(key).await,
        }
    }
}
