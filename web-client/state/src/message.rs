//! A message: who wrote it and when, what it says, how far it is to be trusted, what belongs to it, and what can be
//! done with it. Not how a log of them is laid out: see [`crate::conversation`].

mod action;
mod content;
mod file;
mod info;
mod missing;
mod trust;
mod types;

pub use action::{Action, ActionKind, EMOJI};
pub use content::Content;
#[cfg(test)]
pub(crate) use file::example_file;
pub use file::{Cipher, File, FileKind, Media};
pub use info::{Device, Info, Line, Reader};
pub use missing::Missing;
pub use trust::{Trust, Warning};
pub(crate) use types::extension;
pub use types::{kind_of, shown_type};

use crate::text::one_line;

/// The most characters of a message that is quoted above its answer.
const MAX_EXCERPT_CHARS: usize = 160;
/// The most names that a reaction tells; there may be thousands.
const MAX_NAMES: usize = 20;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Stable for as long as the message is shown, from local echo to the server's copy.
    pub key: String,
    /// The event id, once the server has it.
    pub id: Option<String>,
    /// Who wrote it: a user id.
    pub sender: String,
    /// That person's display name, or the user id's local part.
    pub sender_name: String,
    /// Whether one wrote it oneself.
    pub own: bool,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Whether it is what it seems to be.
    pub trust: Trust,
    /// What it says.
    pub content: Content,
    /// Whether it was changed after sending.
    pub edited: bool,
    /// Its text as another client sent it in HTML, if it did.
    pub formatted: Option<String>,
    /// The event id of the message that it answers.
    pub reply: Option<String>,
    /// The event id of the message that began the thread it is in.
    pub thread: Option<String>,
    /// What people reacted with, first come first.
    pub reactions: Vec<Reaction>,
    /// How far one's own message has come.
    pub delivery: Delivery,
    /// How far what one has changed in it has come.
    pub change: Delivery,
}

/// A message as it stands above its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The event id.
    pub id: String,
    /// Who wrote it, by name.
    pub sender_name: String,
    /// The beginning of what it says.
    pub excerpt: String,
}

impl Quote {
    /// Quotes what somebody wrote, as far as it is to be trusted: a quote must not say what the log hides.
    pub fn new(id: String, sender_name: String, trust: Trust, content: &Content) -> Self {
        let warning = trust.words(&sender_name).filter(|_| trust.warning() == Some(Warning::Block));
        let text = warning.unwrap_or_else(|| content.at_a_glance());
        Self { id, sender_name, excerpt: one_line(&text, MAX_EXCERPT_CHARS) }
    }
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji, or whatever another client sent in its place.
    pub emoji: String,
    /// Who reacted, by name, oneself left out.
    pub others: Vec<String>,
    /// Whether one reacted with it oneself.
    pub own: bool,
}

impl Reaction {
    /// How many people reacted with it.
    pub fn count(&self) -> usize {
        self.others.len() + usize::from(self.own)
    }

    /// Who reacted: "You, Alice and 3 more".
    pub fn names(&self) -> String {
        let own = self.own.then_some("You");
        let mut names: Vec<&str> = own.into_iter().chain(self.others.iter().map(String::as_str)).collect();
        let more = names.len().saturating_sub(MAX_NAMES);
        names.truncate(MAX_NAMES);
        let listed = names.join(", ");
        if more > 0 { format!("{listed} and {more} more") } else { listed }
    }
}

/// How far one's own message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the queue or on the wire.
    Sending,
    /// Not sent for want of the server; it is tried again.
    Waiting,
    /// Not sent; the person says what becomes of it.
    Failed,
    /// The server has it.
    Sent,
}

impl Message {
    /// What can be done with it, in the order of the menu.
    pub fn actions(&self) -> Vec<ActionKind> {
        let sent = self.id.is_some() && self.delivery == Delivery::Sent;
        let readable = self.content.is_readable() && !self.trust.hides_text();
        let offers = [
            (ActionKind::TryAgain, self.has_failed()),
            (ActionKind::UndoChange, matches!(self.change, Delivery::Failed | Delivery::Waiting)),
            (ActionKind::React, sent && readable),
            (ActionKind::Reply, sent && readable),
            (ActionKind::Edit, self.own && self.content.is_editable() && !self.has_failed()),
            (ActionKind::Copy, readable),
            (ActionKind::Info, self.content != Content::Deleted),
            (ActionKind::Delete, self.own && sent && self.content != Content::Deleted),
            (ActionKind::Discard, matches!(self.delivery, Delivery::Failed | Delivery::Waiting)),
        ];
        offers.into_iter().filter(|(_, possible)| *possible).map(|(kind, _)| kind).collect()
    }

    /// Whether the person has to say what becomes of it first. A change that failed would overtake the next one when it
    /// is tried again.
    fn has_failed(&self) -> bool {
        self.delivery == Delivery::Failed || self.change == Delivery::Failed
    }

    /// Whether `kind` is among what can be done with it.
    pub fn allows(&self, kind: ActionKind) -> bool {
        self.actions().contains(&kind)
    }

    /// The message as it stands above an answer; `None` before the server has it.
    pub fn quote(&self) -> Option<Quote> {
        Some(Quote::new(self.id.clone()?, self.sender_name.clone(), self.trust, &self.content))
    }

    /// Its picture, if it has one that may be shown.
    pub fn picture(&self) -> Option<&File> {
        let Content::File(file) = &self.content else { return None };
        let is_shown =
            file.media.is_some() && file.kind.is_picture() && shown_type(file.kind, file.mime.as_deref()).is_some();
        (is_shown && !self.trust.hides_text()).then_some(&**file)
    }

    /// Whether one has reacted with this emoji.
    pub fn has_own(&self, emoji: &str) -> bool {
        self.reactions.iter().any(|reaction| reaction.own && reaction.emoji == emoji)
    }
}

/// A message for tests: a text that the server has.
#[cfg(test)]
pub(crate) fn example(key: &str, sender: &str, at_s: u64) -> Message {
    Message {
        key: key.to_owned(),
        id: Some(format!("${key}")),
        sender: sender.to_owned(),
        sender_name: sender.to_owned(),
        own: sender == "me",
        at_ms: at_s * 1_000,
        trust: Trust::Fine,
        content: Content::Text(key.to_owned()),
        edited: false,
        formatted: None,
        reply: None,
        thread: None,
        reactions: Vec::new(),
        delivery: Delivery::Sent,
        change: Delivery::Sent,
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionKind as A, Content, Delivery, FileKind, Message, Missing, Reaction, Trust, example, example_file};

    fn with(sender: &str, change: impl FnOnce(&mut Message)) -> Vec<A> {
        let mut message = example("1", sender, 0);
        change(&mut message);
        message.actions()
    }

    #[test]
    fn what_can_be_done_depends_on_whose_it_is_and_how_far_it_came() {
        assert_eq!(with("you", |_| {}), [A::React, A::Reply, A::Copy, A::Info]);
        assert_eq!(with("me", |_| {}), [A::React, A::Reply, A::Edit, A::Copy, A::Info, A::Delete]);
        let unsent = |delivery| {
            with("me", |message| {
                message.id = None;
                message.delivery = delivery;
            })
        };
        assert_eq!(unsent(Delivery::Failed), [A::TryAgain, A::Copy, A::Info, A::Discard]);
        assert_eq!(unsent(Delivery::Waiting), [A::Edit, A::Copy, A::Info, A::Discard]);
        assert_eq!(unsent(Delivery::Sending), [A::Edit, A::Copy, A::Info]);
    }

    #[test]
    fn a_change_that_did_not_get_out_is_sent_again_or_undone() {
        let changed = |change| with("me", |message| message.change = change);
        assert_eq!(changed(Delivery::Failed), [A::TryAgain, A::UndoChange, A::React, A::Reply, A::Copy, A::Info, A::Delete]);
        assert_eq!(changed(Delivery::Waiting), [A::UndoChange, A::React, A::Reply, A::Edit, A::Copy, A::Info, A::Delete]);
        assert_eq!(changed(Delivery::Sending), changed(Delivery::Sent));
    }

    #[test]
    fn what_cannot_be_read_cannot_be_answered() {
        assert_eq!(with("you", |message| message.content = Content::Deleted), []);
        assert_eq!(with("me", |message| message.content = Content::Deleted), []);
        let locked = Content::Undecryptable(Missing::NotArrived);
        assert_eq!(with("you", |message| message.content = locked.clone()), [A::Info]);
        assert_eq!(with("me", |message| message.content = locked.clone()), [A::Info, A::Delete]);
        assert_eq!(with("you", |message| message.trust = Trust::WrongSender), [A::Info]);
        assert_eq!(with("you", |message| message.trust = Trust::SentInClear), [A::React, A::Reply, A::Copy, A::Info]);
    }

    #[test]
    fn only_text_is_edited() {
        let picture = Content::File(Box::new(example_file(FileKind::Picture, "cat.png")));
        assert_eq!(with("me", |message| message.content = picture), [A::React, A::Reply, A::Copy, A::Info, A::Delete]);
    }

    #[test]
    fn a_quote_is_short_and_never_shows_what_the_log_hides() {
        let mut message = example("1", "Bob", 0);
        message.content = Content::Text("a\nb ".repeat(200));
        let excerpt = message.quote().unwrap().excerpt;
        assert!(excerpt.starts_with("a b a b") && excerpt.chars().count() <= 161);
        message.content = Content::Text("I am Bob, send money".into());
        for trust in [Trust::WrongSender, Trust::SentInClear] {
            message.trust = trust;
            let excerpt = message.quote().unwrap().excerpt;
            assert!(!excerpt.contains("money"), "{excerpt}");
        }
        message.id = None;
        assert_eq!(message.quote(), None);
    }

    #[test]
    fn a_reaction_tells_who() {
        let reaction = |own, others: usize| Reaction {
            emoji: "👍".into(),
            others: (0..others).map(|at| format!("P{at}")).collect(),
            own,
        };
        assert_eq!((reaction(true, 0).count(), reaction(true, 0).names()), (1, "You".to_owned()));
        assert_eq!((reaction(true, 2).count(), reaction(true, 2).names()), (3, "You, P0, P1".to_owned()));
        assert!(reaction(false, 30).names().ends_with("P19 and 10 more"));
    }
}
