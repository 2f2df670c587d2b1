//! What somebody is about to send: the draft, what it answers or changes, and what could not be handed over.
//!
//! One for each chat, so that switching chats loses nothing.

use crate::{
    message::{Action, Message, Quote},
    trouble::Trouble,
};

/// What is about to be sent in one chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composing {
    /// The text so far.
    pub text: String,
    /// What the text is for.
    pub about: About,
    /// What was being written before a message was taken up for changing.
    kept: Option<(String, About)>,
    /// What was sent and not taken yet, oldest first.
    pub unsent: Vec<Unsent>,
    next_id: u64,
}

/// What a text is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// A message of its own.
    #[default]
    Nothing,
    /// It answers this message.
    Reply(Quote),
    /// It takes the place of the message with this row key.
    Edit(String),
}

/// What was sent and has not got as far as the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Tells it from the others.
    pub id: u64,
    /// What is to be done.
    pub action: Action,
    /// Why it was not taken; none while it is being tried.
    pub trouble: Option<Trouble>,
}

impl Unsent {
    /// The text that is to be sent.
    pub fn text(&self) -> &str {
        match &self.action {
            Action::Send { text } | Action::Reply { text, .. } | Action::Edit { text, .. } => text,
            _ => "",
        }
    }
}

impl Composing {
    /// Whether nothing is begun and nothing waits to be taken.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.about == About::Nothing && self.unsent.is_empty()
    }

    /// Goes on with a text that was begun before.
    pub fn begun(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// What is being written as a message of its own or an answer, also while another message is being changed.
    pub fn own_text(&self) -> &str {
        match (&self.about, &self.kept) {
            (About::Edit(_), Some((text, _))) => text,
            (About::Edit(_), None) => "",
            (About::Nothing | About::Reply(_), _) => &self.text,
        }
    }

    /// Begins to answer a message. A message that is being changed is put back.
    pub fn reply(&mut self, quote: Quote) {
        self.leave_edit();
        self.about = About::Reply(quote);
    }

    /// Begins to change one's own message; what was being written is kept for later.
    pub fn edit(&mut self, message: &Message) {
        let Some(text) = message.content.as_typed() else { return };
        self.leave_edit();
        self.kept = Some((std::mem::replace(&mut self.text, text), std::mem::take(&mut self.about)));
        self.about = About::Edit(message.key.clone());
    }

    /// Leaves answering or changing; true when there was something to leave.
    pub fn leave(&mut self) -> bool {
        match self.about {
            About::Nothing => false,
            About::Reply(_) => {
                self.about = About::Nothing;
                true
            }
            About::Edit(_) => {
                self.leave_edit();
                true
            }
        }
    }

    fn leave_edit(&mut self) {
        if matches!(self.about, About::Edit(_)) {
            (self.text, self.about) = self.kept.take().unwrap_or_default();
        }
    }

    /// Takes what is written as something to send, which is among the unsent from now on; `None` when nothing is
    /// written.
    pub fn take(&mut self) -> Option<Unsent> {
        if self.text.trim().is_empty() {
            return None;
        }
        let text = std::mem::take(&mut self.text);
        let action = match std::mem::take(&mut self.about) {
            About::Nothing => Action::Send { text },
            About::Reply(quote) => Action::Reply { to: quote.id, text },
            About::Edit(key) => {
                (self.text, self.about) = self.kept.take().unwrap_or_default();
                Action::Edit { key, text }
            }
        };
        let unsent = Unsent { id: self.next_id, action, trouble: None };
        self.next_id += 1;
        self.unsent.push(unsent.clone());
        Some(unsent)
    }

    /// Takes what is written as what goes with files: their caption, and the event id of the message that they answer.
    pub fn take_beside_files(&mut self) -> (Option<String>, Option<String>) {
        let text = std::mem::take(&mut self.text);
        let reply = match std::mem::take(&mut self.about) {
            About::Reply(quote) => Some(quote.id),
            About::Nothing | About::Edit(_) => None,
        };
        (Some(text.trim().to_owned()).filter(|text| !text.is_empty()), reply)
    }

    /// What came of it: it is in the log, or why not.
    pub fn settle(&mut self, id: u64, outcome: Result<(), Trouble>) {
        match outcome {
            Ok(()) => self.unsent.retain(|unsent| unsent.id != id),
            Err(trouble) => self.set_trouble(id, Some(trouble)),
        }
    }

    /// Tries one again: what is to be done.
    pub fn try_again(&mut self, id: u64) -> Option<Action> {
        self.set_trouble(id, None);
        self.unsent.iter().find(|unsent| unsent.id == id).map(|unsent| unsent.action.clone())
    }

    fn set_trouble(&mut self, id: u64, trouble: Option<Trouble>) {
        if let Some(unsent) = self.unsent.iter_mut().find(|unsent| unsent.id == id) {
            unsent.trouble = trouble;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Composing};
    use crate::{
        message::{Action, example},
        trouble::Trouble,
    };

    fn writing(text: &str) -> Composing {
        Composing::begun(text.to_owned())
    }

    #[test]
    fn what_is_sent_is_what_it_is_for() {
        let mut composing = writing("Hello");
        let sent = composing.take().map(|unsent| unsent.action);
        assert_eq!(sent, Some(Action::Send { text: "Hello".into() }));
        assert_eq!(composing.text, "");

        composing.text = "Yes".into();
        composing.reply(example("1", "you", 0).quote().unwrap());
        let sent = composing.take().map(|unsent| unsent.action);
        assert_eq!(sent, Some(Action::Reply { to: "$1".into(), text: "Yes".into() }));
        assert_eq!(composing.about, About::Nothing);
        assert_eq!(composing.take(), None);
    }

    #[test]
    fn a_draft_comes_back_after_an_edit_that_is_left_or_sent() {
        for leave in [true, false] {
            let mut composing = writing("half a sen");
            composing.edit(&example("1", "me", 0));
            assert_eq!((composing.text.as_str(), &composing.about), ("1", &About::Edit("1".into())));
            assert_eq!(composing.own_text(), "half a sen");
            if leave {
                assert!(composing.leave());
            } else {
                composing.text = "one".into();
                let sent = composing.take().map(|unsent| unsent.action);
                assert_eq!(sent, Some(Action::Edit { key: "1".into(), text: "one".into() }));
            }
            assert_eq!((composing.text.as_str(), &composing.about), ("half a sen", &About::Nothing));
            assert!(!composing.leave());
        }
    }

    #[test]
    fn changing_another_message_or_answering_one_keeps_the_first_draft() {
        let mut composing = writing("draft");
        composing.edit(&example("1", "me", 0));
        composing.edit(&example("2", "me", 0));
        assert_eq!(composing.text, "2");
        composing.reply(example("3", "you", 0).quote().unwrap());
        assert_eq!(composing.text, "draft");
        assert!(composing.leave());
        assert_eq!(composing.text, "draft");
    }

    #[test]
    fn what_is_written_goes_with_files() {
        let mut composing = writing(" Look \n");
        composing.reply(example("1", "you", 0).quote().unwrap());
        assert_eq!(composing.take_beside_files(), (Some("Look".into()), Some("$1".into())));
        assert_eq!((composing.text.as_str(), &composing.about), ("", &About::Nothing));
        assert_eq!(writing(" ").take_beside_files(), (None, None));
    }

    #[test]
    fn what_was_not_taken_stays_whatever_is_written_meanwhile() {
        let mut composing = writing("first");
        let first = composing.take().map(|unsent| unsent.id).unwrap_or_default();
        composing.text = "second, begun".into();
        composing.settle(first, Err(Trouble::Unreachable));
        assert_eq!(composing.text, "second, begun");
        let texts: Vec<_> = composing.unsent.iter().map(|unsent| (unsent.text(), unsent.trouble)).collect();
        assert_eq!(texts, [("first", Some(Trouble::Unreachable))]);

        let second = composing.take().map(|unsent| unsent.id).unwrap_or_default();
        assert_eq!(composing.try_again(first), Some(Action::Send { text: "first".into() }));
        composing.settle(first, Ok(()));
        composing.settle(second, Ok(()));
        assert_eq!(composing.unsent, []);
    }
}
