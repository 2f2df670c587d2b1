//! The list of chats in the sidebar.
//!
//! The order is the library's (most recent first); this fold only keeps it and answers what the sidebar and the
//! window's title ask: which chats are requests, which is the one for two people who have several, and what keeps
//! somebody from writing.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{list::ListChange, safety::Safety, text::one_line, trouble::Trouble};

/// The most characters of a message shown as a chat's preview.
const MAX_PREVIEW_CHARS: usize = 120;

/// One chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The room id.
    pub id: String,
    /// What the chat is called: the other person's display name. Of a request, the name of who asks.
    pub name: String,
    /// Equal for names that look alike.
    pub skeleton: String,
    /// Whether the name has something in it that honest names hardly have.
    pub is_odd: bool,
    /// The other person's user id, when the chat is one of two. Of a request, who asks.
    pub peer: Option<String>,
    /// The other person's part in the chat, when it is one of two.
    pub peer_part: Part,
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
    /// Asked to join, not in it yet: a request.
    Invited,
}

/// Another person's part in a chat. In the order in which chats with the same person are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// In it.
    Joined,
    /// Asked to join, not in it yet.
    Invited,
    /// In it no more.
    Gone,
}

impl Part {
    /// Reads it from how many are in a chat of two, oneself counted, and how many are asked to join.
    pub fn of_counts(joined: u64, invited: u64) -> Self {
        match (joined, invited) {
            (2.., _) => Self::Joined,
            (1, 0) => Self::Gone,
            // Before the server has said anything of a chat made a moment ago both are zero.
            _ => Self::Invited,
        }
    }
}

/// What keeps somebody from writing in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The other person is blocked.
    Blocked,
    /// Both began a chat at once, and the one with this id is used.
    Elsewhere(String),
    /// The other person has left.
    Gone,
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
    /// User ids of those whom one has blocked.
    pub blocked: BTreeSet<String>,
    /// The ids of the chats that make no sound and count for nothing.
    pub muted: BTreeSet<String>,
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
    /// Whom one has blocked, all of them.
    Blocked(Vec<String>),
    /// Which chats are muted, all of them by their ids.
    Muted(Vec<String>),
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
        ChatsChange::Blocked(blocked) => state.blocked = blocked.into_iter().collect(),
        ChatsChange::Muted(muted) => state.muted = muted.into_iter().collect(),
    }
}

impl Chats {
    /// The chat with this room id.
    pub fn get(&self, id: &str) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    /// The chats that one is in, without those that only came of both beginning at once and that nobody used.
    pub fn talks(&self) -> impl Iterator<Item = &Chat> {
        let chosen = self.chosen();
        self.chats.iter().filter(move |chat| {
            let is_chosen = chat.peer.as_deref().and_then(|peer| chosen.get(peer)).is_none_or(|one| one.id == chat.id);
            chat.standing == Standing::Joined && (is_chosen || chat.preview != Preview::Empty)
        })
    }

    /// Those who ask to talk, save the blocked. One person asks once, however many chats they ask for.
    pub fn requests(&self) -> impl Iterator<Item = &Chat> {
        let mut asked = HashSet::new();
        self.chats.iter().filter(move |chat| {
            chat.standing == Standing::Invited
                && !self.is_blocked(chat)
                && chat.peer.as_deref().is_none_or(|peer| asked.insert(peer))
        })
    }

    /// Of the chats with each person the one that both use: both sides see the same chats and come to the same one.
    fn chosen(&self) -> HashMap<&str, &Chat> {
        let mut chosen: HashMap<&str, &Chat> = HashMap::new();
        for chat in self.chats.iter().filter(|chat| chat.standing == Standing::Joined) {
            let Some(peer) = chat.peer.as_deref() else { continue };
            let best = chosen.entry(peer).or_insert(chat);
            if prefers(chat.peer_part, &chat.id, best.peer_part, &best.id) {
                *best = chat;
            }
        }
        chosen
    }

    /// What keeps one from writing in this chat.
    pub fn hindrance(&self, chat: &Chat) -> Option<Hindrance> {
        if self.is_blocked(chat) {
            return Some(Hindrance::Blocked);
        }
        let chosen = chat.peer.as_deref().and_then(|peer| self.chosen().get(peer).map(|one| one.id.clone()));
        if let Some(other) = chosen.filter(|id| *id != chat.id) {
            return Some(Hindrance::Elsewhere(other));
        }
        (chat.peer.is_some() && chat.peer_part == Part::Gone).then_some(Hindrance::Gone)
    }

    /// The chat to show in place of this one: both began at once, and nothing was said in it.
    pub fn in_place_of(&self, id: &str) -> Option<String> {
        let chat = self.get(id).filter(|chat| chat.standing == Standing::Joined && chat.preview == Preview::Empty)?;
        match self.hindrance(chat) {
            Some(Hindrance::Elsewhere(other)) => Some(other),
            _ => None,
        }
    }

    /// Whether the other person is blocked.
    pub fn is_blocked(&self, chat: &Chat) -> bool {
        chat.peer.as_ref().is_some_and(|peer| self.blocked.contains(peer))
    }

    /// Whether the chat makes no sound and counts for nothing.
    pub fn is_muted(&self, chat: &Chat) -> bool {
        self.muted.contains(&chat.id)
    }

    /// The ids of the chats whose names could be taken for somebody else's: of another person here, or one's own, whose
    /// skeleton is `own`.
    pub fn doubtful(&self, own: &str) -> HashSet<&str> {
        let mut bearers: HashMap<&str, HashSet<&str>> = HashMap::new();
        for chat in &self.chats {
            if let Some(peer) = &chat.peer {
                bearers.entry(&chat.skeleton).or_default().insert(peer);
            }
        }
        let is_doubtful = |chat: &&Chat| {
            let shared = bearers.get(chat.skeleton.as_str()).is_some_and(|peers| peers.len() > 1);
            chat.peer.is_some() && (chat.is_odd || shared || chat.skeleton == own)
        };
        self.chats.iter().filter(is_doubtful).map(|chat| chat.id.as_str()).collect()
    }

    /// Whether the latest message of a chat is on its way, or was not sent and its person has not decided about it.
    pub fn is_sending(&self) -> bool {
        self.chats.iter().any(|chat| matches!(chat.preview, Preview::Sending(_) | Preview::Failed(_)))
    }

    /// Unread messages in all chats. Requests, the blocked and the muted count for nothing.
    pub fn unread(&self) -> u64 {
        self.talks().filter(|chat| !self.is_blocked(chat) && !self.is_muted(chat)).map(|chat| chat.unread).sum()
    }

    /// Chats whose name or person contains `query`, ignoring case, in the list's order.
    pub fn matching(&self, query: &str) -> impl Iterator<Item = &Chat> {
        let query = query.trim().to_lowercase();
        self.talks().filter(move |chat| {
            chat.name.to_lowercase().contains(&query)
                || chat.peer.as_ref().is_some_and(|peer| peer.to_lowercase().contains(&query))
        })
    }

    /// The chat before (`-1`) or after (`1`) `id`; the first one when `id` is not in the list.
    pub fn neighbour(&self, id: Option<&str>, step: isize) -> Option<&Chat> {
        let talks: Vec<&Chat> = self.talks().collect();
        let at = id.and_then(|id| talks.iter().position(|chat| chat.id == id));
        match at {
            Some(at) => talks.get(at.checked_add_signed(step)?).copied(),
            None => talks.first().copied(),
        }
    }

    /// What the window, its icon and the system say of all chats while the one with the id `open` is shown. In the title
    /// the number of unread messages goes first, where a narrow tab still shows it.
    pub fn signs(&self, open: Option<&str>) -> Signs {
        let open = open.and_then(|id| self.get(id)).filter(|chat| chat.standing == Standing::Joined);
        let place = open.map_or_else(|| "Hearth".to_owned(), |chat| format!("{} · Hearth", chat.name));
        let unread = self.unread();
        let title = match unread {
            0 => place,
            1..100 => format!("({unread}) {place}"),
            _ => format!("(99+) {place}"),
        };
        Signs { title, unread: u32::try_from(unread).unwrap_or(u32::MAX) }
    }
}

/// What is said outside of the page: the window's title, and the number at the program's icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signs {
    /// The window's title.
    pub title: String,
    /// Unread messages: a mark on the tab's icon if there are any, and the badge of the installed program.
    pub unread: u32,
}

/// Whether of two chats with the same person the first is the one to use. Somebody there is worth more than somebody
/// asked; then the lower id decides, which both sides know.
pub fn prefers(part: Part, id: &str, other_part: Part, other_id: &str) -> bool {
    (part, id) < (other_part, other_id)
}

#[cfg(test)]
mod tests;
