//! What a message says, whatever kind it is. The log, the list of chats and quotes all take their words from here, so
//! that they agree.

use super::{File, Missing};
use crate::markdown::plain;

/// As much as a line or two have room for, and what makes it stand out.
const MAX_GLANCE_CHARS: usize = 400;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// "/me" text: the sender's name belongs to the sentence.
    Emote(String),
    /// Text of a program.
    Notice(String),
    /// A picture, video, sound or another file.
    File(Box<File>),
    /// A place, in words.
    Place(String),
    /// A poll; its question.
    Poll(String),
    /// A request to compare keys.
    Verification,
    /// A call, by another way than this client's.
    Call,
    /// Deleted by its sender.
    Deleted,
    /// The key has not arrived, or never will.
    Undecryptable(Missing),
    /// A kind that this version does not know, with what its sender says in its place.
    Unknown(Option<String>),
}

impl Content {
    /// In words: the text, or what it is and is called. Of any length, with whatever line breaks it has.
    pub fn summary(&self) -> String {
        match self {
            Self::Text(text) | Self::Emote(text) | Self::Notice(text) => text.clone(),
            Self::File(file) => file.summary(),
            Self::Place(place) => format!("Place: {place}"),
            Self::Poll(question) => format!("Poll: {question}"),
            Self::Verification => "Wants to compare keys".to_owned(),
            Self::Call => "A call".to_owned(),
            Self::Deleted => "This message was deleted.".to_owned(),
            Self::Undecryptable(_) => "Waiting for this message".to_owned(),
            Self::Unknown(Some(text)) if !text.trim().is_empty() => text.clone(),
            Self::Unknown(_) => "A message this version can’t show".to_owned(),
        }
    }

    /// The beginning of the same for a line or two, as one reads it: without the signs that make text stand out.
    pub fn at_a_glance(&self) -> String {
        match self {
            Self::Text(text) | Self::Emote(text) | Self::Notice(text) => plain(text, MAX_GLANCE_CHARS),
            _ => self.summary(),
        }
    }

    /// Whether there is something to read, answer and copy.
    pub fn is_readable(&self) -> bool {
        !matches!(self, Self::Deleted | Self::Undecryptable(_) | Self::Verification | Self::Call)
    }

    /// Whether its sender can change it here.
    pub fn is_editable(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Emote(_))
    }

    /// The text as its writer typed it, if it can be typed again.
    pub fn as_typed(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Emote(text) => Some(format!("/me {text}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Content as C;
    use crate::message::{File, FileKind, example_file};

    #[test]
    fn every_kind_has_words() {
        let file = |kind| C::File(Box::new(example_file(kind, "a.bin")));
        let captioned = File { caption: Some("Look".into()), ..example_file(FileKind::Other, "a.bin") };
        for (content, words) in [
            (C::Text("hi".into()), "hi"),
            (C::Notice("hi".into()), "hi"),
            (file(FileKind::Picture), "Picture: a.bin"),
            (file(FileKind::Sound), "Audio: a.bin"),
            (C::File(Box::new(captioned)), "File: a.bin – Look"),
            (C::Poll("Bread?".into()), "Poll: Bread?"),
            (C::Unknown(Some("A hug".into())), "A hug"),
            (C::Unknown(Some(" ".into())), "A message this version can’t show"),
            (C::Unknown(None), "A message this version can’t show"),
        ] {
            assert_eq!(content.summary(), words);
        }
    }

    #[test]
    fn what_is_edited_is_what_was_typed() {
        assert_eq!(C::Emote("waves".into()).as_typed().as_deref(), Some("/me waves"));
        assert_eq!(C::Notice("beep".into()).as_typed(), None);
    }
}
