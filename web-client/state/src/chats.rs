//! The list of chats in the sidebar.
//!
//! The order is the library's (most recent first); this fold only keeps it and answers what the sidebar and the
//! window's title ask.

use crate::{list::ListChange, safety::Safety, text::one_line, trouble::Trouble};

/// The most characters of a message shown as a chat's preview.
const MAX_PREVIEW_CHARS: usize = 120;

/// One chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The room id.
    pub id: String,
    /// What the chat is called: the other person's display name.
    pub name: String,
    /// The other person's user id, when the chat is a direct one.
    pub peer: Option<String>,
    /// The latest thing that happened.
    pub preview: Preview,
    /// When it happened, in milliseconds since the Unix epoch.
    pub at_ms: Option<u64>,
    /// Messages not read yet.
    pub unread: u64,
    /// Whether one is in it yet.
    pub standing: Standing,
    /// Who can read it.
    pub safety: Safety,
}

/// One's own part in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In it.
    Joined,
    /// Asked to join, not in it yet.
    Invited,
}

/// The line under a chat's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// Nothing was said yet.
    Empty,
    /// A message.
    Message {
        /// Whether one wrote it oneself.
        own: bool,
        /// Its text.
        text: String,
    },
    /// One's own message that is on its way.
    Sending(String),
    /// One's own message that could not be sent.
    Failed(String),
    /// A message that could not be decrypted.
    Undecryptable,
    /// A message that was deleted.
    Deleted,
    /// An invitation.
    Invitation,
}

impl Preview {
    /// The line as shown: one line, bounded.
    pub fn line(&self) -> String {
        match self {
            Self::Empty => "No messages yet".to_owned(),
            Self::Message { own: true, text } => format!("You: {}", one_line(text, MAX_PREVIEW_CHARS)),
            Self::Message { own: false, text } => one_line(text, MAX_PREVIEW_CHARS),
            Self::Sending(text) => format!("Sending: {}", one_line(text, MAX_PREVIEW_CHARS)),
            Self::Failed(text) => format!("Not sent: {}", one_line(text, MAX_PREVIEW_CHARS)),
            Self::Undecryptable => "Waiting for this message".to_owned(),
            Self::Deleted => "Message deleted".to_owned(),
            Self::Invitation => "Wants to talk with you".to_owned(),
        }
    }
}

/// How far the list has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loading {
    /// The first answer of the server is still awaited.
    #[default]
    Loading,
    /// The list is what the server has.
    Ready,
    /// The list could not be fetched.
    Failed(Trouble),
}

/// The sidebar's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chats {
    /// Most recent first.
    pub chats: Vec<Chat>,
    /// Whether the list is complete.
    pub loading: Loading,
}

/// What can happen to the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatsChange {
    /// Chats came, moved, changed or went.
    List(Vec<ListChange<Chat>>),
    /// The server's list has arrived.
    Loaded,
    /// The server's list could not be fetched.
    Failed(Trouble),
}

/// Folds one change into the sidebar.
pub fn fold(state: &mut Chats, change: ChatsChange) {
    match change {
        ChatsChange::List(changes) => {
            for change in changes {
                change.apply(&mut state.chats);
            }
        }
        ChatsChange::Loaded => state.loading = Loading::Ready,
        // Chats kept from the last visit are more useful than an error in their place.
        ChatsChange::Failed(trouble) if state.chats.is_empty() => state.loading = Loading::Failed(trouble),
        ChatsChange::Failed(_) => {}
    }
}

impl Chats {
    /// The chat with this room id.
    pub fn get(&self, id: &str) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    /// Unread messages in all chats.
    pub fn unread(&self) -> u64 {
        self.chats.iter().map(|chat| chat.unread).sum()
    }

    /// Chats whose name or person contains `query`, ignoring case, in the list's order.
    pub fn matching<'a>(&'a self, query: &str) -> impl Iterator<Item = &'a Chat> + use<'a> {
        let query = query.trim().to_lowercase();
        self.chats.iter().filter(move |chat| {
            chat.name.to_lowercase().contains(&query)
                || chat.peer.as_ref().is_some_and(|peer| peer.to_lowercase().contains(&query))
        })
    }

    /// The chat before (`-1`) or after (`1`) `id`; the first one when `id` is not in the list.
    pub fn neighbour(&self, id: Option<&str>, step: isize) -> Option<&Chat> {
        let at = id.and_then(|id| self.chats.iter().position(|chat| chat.id == id));
        match at {
            Some(at) => self.chats.get(at.checked_add_signed(step)?),
            None => self.chats.first(),
        }
    }

    /// The window's title: the number of unread messages goes first, where a narrow tab still shows it.
    pub fn window_title(&self, open: Option<&str>) -> String {
        let place = open.and_then(|id| self.get(id)).map_or_else(|| "Hearth".to_owned(), |c| format!("{} · Hearth", c.name));
        match self.unread() {
            0 => place,
            unread @ 1..100 => format!("({unread}) {place}"),
            _ => format!("(99+) {place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chat, Chats, ChatsChange as C, Loading, Preview, Standing, fold};
    use crate::{list::ListChange as L, safety::Safety, trouble::Trouble};

    fn chat(id: &str, unread: u64) -> Chat {
        Chat {
            id: id.to_owned(),
            name: format!("Person {id}"),
            peer: Some(format!("@{id}:example.org")),
            preview: Preview::Empty,
            at_ms: None,
            unread,
            standing: Standing::Joined,
            safety: Safety::default(),
        }
    }

    fn state(changes: Vec<C>) -> Chats {
        let mut state = Chats::default();
        for change in changes {
            fold(&mut state, change);
        }
        state
    }

    #[test]
    fn a_new_message_moves_its_chat_up() {
        let state = state(vec![
            C::List(vec![L::Reset(vec![chat("a", 0), chat("b", 0)])]),
            C::Loaded,
            C::List(vec![L::Remove(1), L::PushFront(chat("b", 1))]),
        ]);
        assert_eq!(state.chats.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(state.unread(), 1);
        assert_eq!(state.loading, Loading::Ready);
    }

    #[test]
    fn an_error_never_hides_kept_chats() {
        let empty = state(vec![C::Failed(Trouble::Unreachable)]);
        assert_eq!(empty.loading, Loading::Failed(Trouble::Unreachable));
        let kept = state(vec![C::List(vec![L::PushBack(chat("a", 0))]), C::Failed(Trouble::Unreachable)]);
        assert_eq!(kept.loading, Loading::Loading);
    }

    #[test]
    fn search_and_neighbours() {
        let state = state(vec![C::List(vec![L::Reset(vec![chat("anna", 0), chat("bert", 0)])])]);
        assert_eq!(state.matching("BERT").count(), 1);
        assert_eq!(state.matching("person").count(), 2);
        assert_eq!(state.neighbour(Some("anna"), 1).map(|c| c.id.as_str()), Some("bert"));
        assert_eq!(state.neighbour(Some("anna"), -1), None);
        assert_eq!(state.neighbour(None, 1).map(|c| c.id.as_str()), Some("anna"));
    }

    #[test]
    fn titles() {
        let state = state(vec![C::List(vec![L::Reset(vec![chat("a", 2), chat("b", 0)])])]);
        assert_eq!(state.window_title(Some("b")), "(2) Person b · Hearth");
        assert_eq!(Chats::default().window_title(Some("b")), "Hearth");
    }

    #[test]
    fn previews_are_one_bounded_line() {
        let long = Preview::Message { own: true, text: "a\nb ".repeat(100) };
        assert!(long.line().starts_with("You: a b a b"));
        assert!(long.line().chars().count() < 130);
    }
}
