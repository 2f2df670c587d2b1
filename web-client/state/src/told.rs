//! What somebody is told who does not look at the page: one note for each chat with news, and none that is out of date.
//!
//! [`Told::step`] compares the chats with those of the step before. It knows no clock, and shows nothing itself.

use std::collections::{BTreeSet, HashMap};

use crate::{
    chats::{Chat, Chats, Loading, Preview},
    text::one_line,
};

mod wishes;

pub use wishes::Wishes;

/// The most characters of a message in a note.
const MAX_TEXT_CHARS: usize = 200;
/// News of more chats at once are told together.
const MAX_AT_ONCE: usize = 3;
/// For so long a key is waited for that has not come, before it is told of a message that cannot be read.
const KEY_WITHIN_MS: u64 = 5_000;
/// A chat that was not in the list before is news if something happened in it this recently.
const RECENT_MS: u64 = 60_000;
/// Tells notes apart that are about no one chat.
const REQUESTS: &str = "requests";
const MANY: &str = "many";
const CALL: &str = "call";

/// A note of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A later note with the same one takes its place.
    pub tag: String,
    /// Who or what it is about.
    pub title: String,
    /// What happened.
    pub body: String,
    /// The chat to open when it is pressed; empty for none.
    pub chat: String,
    /// Whether it makes no sound.
    pub is_silent: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Show a note.
    Show(Note),
    /// Take the note with this tag away.
    Remove(String),
}

/// The circumstances of a step.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// Whether the person looks at the page.
    pub is_attended: bool,
    /// The chat that is open, by its id.
    pub open: Option<&'a str>,
    /// What the person wishes.
    pub wishes: Wishes,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// How far a chat was told of.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    at_ms: u64,
    unread: u64,
}

/// What was told so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    chats: HashMap<String, Seen>,
    requests: BTreeSet<String>,
    shown: BTreeSet<String>,
    /// Whether the list was there before: what it begins with is no news.
    has_begun: bool,
}

impl Told {
    /// What is to be shown and taken away now.
    pub fn step(&mut self, chats: &Chats, now: Now<'_>) -> Vec<Telling> {
        if chats.loading != Loading::Ready {
            return Vec::new();
        }
        let news = self.news(chats, now);
        let mut tellings = self.outdated(chats, now);
        let asks = self.new_requests(chats) && !now.is_attended;
        self.has_begun = true;
        if now.wishes.is_on && !now.wishes.is_undisturbed {
            let mut notes = notes(&news, now.wishes);
            notes.extend(asks.then(|| request_note(now.wishes)));
            for note in notes {
                self.shown.insert(note.tag.clone());
                tellings.push(Telling::Show(note));
            }
        }
        tellings
    }

    /// The chats with news, and how many messages of each are new.
    fn news<'c>(&mut self, chats: &'c Chats, now: Now<'_>) -> Vec<(&'c Chat, u64)> {
        let mut news = Vec::new();
        for chat in chats.talks() {
            let at_ms = chat.at_ms.unwrap_or_default();
            let is_recent = self.has_begun && now.at_ms.saturating_sub(at_ms) < RECENT_MS;
            let begun = if is_recent { Seen::default() } else { Seen { at_ms, unread: chat.unread } };
            let seen = self.chats.entry(chat.id.clone()).or_insert(begun);
            let is_silent = now.is_attended || chats.is_blocked(chat) || chats.is_muted(chat);
            if is_silent {
                *seen = Seen { at_ms, unread: chat.unread };
            } else if at_ms > seen.at_ms && chat.unread > 0 && is_told_of(chat, now.at_ms) {
                news.push((chat, chat.unread.saturating_sub(seen.unread).max(1)));
                *seen = Seen { at_ms, unread: chat.unread };
            }
            seen.unread = seen.unread.min(chat.unread);
        }
        news
    }

    /// Notes about what was read, here or elsewhere, or is looked at.
    fn outdated(&mut self, chats: &Chats, now: Now<'_>) -> Vec<Telling> {
        let is_over = |tag: &String| match tag.as_str() {
            REQUESTS => now.is_attended || chats.requests().next().is_none(),
            MANY => now.is_attended || chats.unread() == 0,
            id => (now.is_attended && now.open == Some(id)) || chats.get(id).is_none_or(|chat| chat.unread == 0),
        };
        let over: Vec<String> = self.shown.iter().filter(|tag| is_over(tag)).cloned().collect();
        self.shown.retain(|tag| !over.contains(tag));
        over.into_iter().map(Telling::Remove).collect()
    }

    /// Whether somebody asks to talk who did not before.
    fn new_requests(&mut self, chats: &Chats) -> bool {
        let all: BTreeSet<String> = chats.requests().map(|chat| chat.id.clone()).collect();
        let is_new = self.has_begun && !all.is_subset(&self.requests);
        self.requests = all;
        is_new
    }
}

/// Whether what happened last is something that another person has said, and can be read or will not be any more.
fn is_told_of(chat: &Chat, now_ms: u64) -> bool {
    match &chat.preview {
        Preview::Message { own, .. } => !own,
        Preview::Undecryptable => now_ms.saturating_sub(chat.at_ms.unwrap_or_default()) > KEY_WITHIN_MS,
        _ => false,
    }
}

fn notes(news: &[(&Chat, u64)], wishes: Wishes) -> Vec<Note> {
    if news.len() > MAX_AT_ONCE {
        let count: u64 = news.iter().map(|(_, count)| count).sum();
        let body = format!("{count} new messages in {} chats", news.len());
        return vec![note(MANY, "Hearth", body, "", wishes)];
    }
    news.iter().map(|(chat, count)| note_of(chat, *count, wishes)).collect()
}

fn note_of(chat: &Chat, count: u64, wishes: Wishes) -> Note {
    let title = if wishes.shows_text { chat.name.as_str() } else { "Hearth" };
    let body = match &chat.preview {
        _ if count > 1 => format!("{count} new messages"),
        Preview::Message { text, .. } if wishes.shows_text => one_line(text, MAX_TEXT_CHARS),
        _ => "New message".to_owned(),
    };
    note(&chat.id, title, body, &chat.id, wishes)
}

/// Of a stranger nothing is shown that they have chosen themselves.
fn request_note(wishes: Wishes) -> Note {
    note(REQUESTS, "Hearth", "Somebody wants to talk with you.".to_owned(), "", wishes)
}

/// The note of a call that rings in `chat`; none if it is not to be told. It makes no sound, for the call rings itself.
pub fn call_note(words: &str, chat: &str, wishes: Wishes) -> Option<Note> {
    let body = if wishes.shows_text { words } else { "Incoming call" };
    let is_told = wishes.is_on && !wishes.is_undisturbed;
    is_told.then(|| Note { is_silent: true, ..note(CALL, "Hearth", body.to_owned(), chat, wishes) })
}

/// The tag of the note of a call.
pub fn call_tag() -> &'static str {
    CALL
}

fn note(tag: &str, title: &str, body: String, chat: &str, wishes: Wishes) -> Note {
    Note { tag: tag.to_owned(), title: title.to_owned(), body, chat: chat.to_owned(), is_silent: !wishes.has_sound }
}

#[cfg(test)]
mod tests;
