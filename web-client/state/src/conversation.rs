//! One conversation: its rows and who is typing.
//!
//! Rows mirror the library's timeline one to one, hidden ones included, so that its changes apply by index. What is
//! actually shown, and where a name and picture head a group of messages, is decided by [`lay_out`].

mod layout;
mod window;

use std::{collections::HashSet, ops::Range, rc::Rc};

use crate::{
    call::CallRecord,
    list::ListChange,
    message::{ActionKind, Message},
    text::isolated,
    trouble::Trouble,
};

pub use layout::{Mark, Placed, lay_out};
pub use window::Window;

/// One row of the timeline. `key` is stable for as long as the row lives, from local echo to the server's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A new day begins.
    Day {
        /// Stable key.
        key: String,
        /// Some moment of that day, in milliseconds since the Unix epoch.
        at_ms: u64,
    },
    /// Everything below was not read yet.
    Unread {
        /// Stable key.
        key: String,
    },
    /// The very beginning of the chat.
    Start {
        /// Stable key.
        key: String,
    },
    /// A message.
    Message {
        /// The message; shared, so that laying the log out copies none.
        message: Rc<Message>,
        /// Users whose latest read message is this one, oneself left out.
        readers: Vec<String>,
    },
    /// Something that happened, in words.
    Note {
        /// Stable key.
        key: String,
        /// The words.
        text: String,
        /// Users who have read up to here.
        readers: Vec<String>,
    },
    /// A signal of a call. One of a call's signals stands for the call; the others show nothing.
    Call {
        /// Stable key.
        key: String,
        /// The signal.
        record: Box<CallRecord>,
        /// Users who have read up to here.
        readers: Vec<String>,
    },
    /// Not shown.
    Hidden {
        /// Users who have read up to here; a receipt may rest on a row that is not shown.
        readers: Vec<String>,
    },
}

impl Row {
    /// What the row is told from others by; one that is never shown has none.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Message { message, .. } => Some(&message.key),
            Self::Day { key, .. }
            | Self::Unread { key }
            | Self::Start { key }
            | Self::Note { key, .. }
            | Self::Call { key, .. } => Some(key),
            Self::Hidden { .. } => None,
        }
    }
}

/// Loading of older messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paging {
    /// Older messages may exist.
    #[default]
    Idle,
    /// Being fetched.
    Loading,
    /// The beginning was reached.
    AtStart,
    /// Could not be fetched.
    Failed(Trouble),
}

/// What can happen to a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversationChange {
    /// The timeline is there.
    Opened,
    /// The timeline could not be opened.
    Failed(Trouble),
    /// Rows came, changed or went.
    Rows(Vec<ListChange<Row>>),
    /// Loading of older messages.
    Paging(Paging),
    /// Who types now.
    Typing(Vec<String>),
}

/// "Alice is typing…", from display names; `None` when nobody is.
pub fn typing_words(names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(format!("{} is typing…", isolated(one))),
        [one, other] => Some(format!("{} and {} are typing…", isolated(one), isolated(other))),
        _ => Some("Several people are typing…".to_owned()),
    }
}

/// The key of the line above what is new, if it is among the rows.
pub fn line_key(rows: &[Row]) -> Option<&str> {
    rows.iter().rev().find(|row| matches!(row, Row::Unread { .. }))?.key()
}

/// The event ids that messages in `range` answer and that are not among the rows.
pub fn missing_quotes(rows: &[Row], range: Range<usize>) -> Vec<String> {
    let shown = rows.get(range).unwrap_or_default();
    let wanted: HashSet<&str> = messages(shown).filter_map(|message| message.reply.as_deref()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let here: HashSet<&str> = messages(rows).filter_map(|message| message.id.as_deref()).collect();
    wanted.difference(&here).map(|id| (*id).to_owned()).collect()
}

/// The key of the latest message, or signal of a call, which is there to be read too.
pub fn latest_key(rows: &[Row]) -> Option<&str> {
    rows.iter().rev().find_map(|row| match row {
        Row::Message { message, .. } => Some(message.key.as_str()),
        Row::Call { key, .. } => Some(key.as_str()),
        _ => None,
    })
}

/// The message with this key.
pub fn message_by_key<'a>(rows: &'a [Row], key: &str) -> Option<&'a Rc<Message>> {
    messages(rows).find(|message| message.key == key)
}

/// The message with this event id.
pub fn message_by_id<'a>(rows: &'a [Row], id: &str) -> Option<&'a Rc<Message>> {
    messages(rows).find(|message| message.id.as_deref() == Some(id))
}

/// One's own latest message that can be changed.
pub fn last_editable(rows: &[Row]) -> Option<&Rc<Message>> {
    messages(rows).find(|message| message.allows(ActionKind::Edit))
}

/// The picture that is `step` further down the log than the message with this key.
pub fn picture_beside(rows: &[Row], key: &str, step: isize) -> Option<Rc<Message>> {
    let pictures: Vec<&Rc<Message>> = messages(rows).filter(|message| message.picture().is_some()).collect();
    let at = pictures.iter().position(|message| message.key == key)?;
    pictures.get(at.checked_add_signed(-step)?).copied().cloned()
}

/// Latest first.
fn messages(rows: &[Row]) -> impl Iterator<Item = &Rc<Message>> {
    rows.iter().rev().filter_map(|row| match row {
        Row::Message { message, .. } => Some(message),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Row, last_editable, latest_key, line_key, message_by_id, missing_quotes, picture_beside, typing_words};
    use crate::message::{Content, Delivery, FileKind, Media, Message, Trust, example, example_file};

    fn row(message: Message) -> Row {
        Row::Message { message: Rc::new(message), readers: Vec::new() }
    }

    #[test]
    fn rows_are_found() {
        let mut failed = example("4", "me", 4);
        failed.delivery = Delivery::Failed;
        let rows = [row(example("1", "me", 1)), row(example("2", "me", 2)), row(example("3", "you", 3)), row(failed)];
        assert_eq!(latest_key(&rows), Some("4"));
        assert_eq!(last_editable(&rows).map(|message| message.key.as_str()), Some("2"));
        assert_eq!(message_by_id(&rows, "$3").map(|message| message.key.as_str()), Some("3"));
        assert_eq!((line_key(&rows), line_key(&[Row::Unread { key: "u".into() }])), (None, Some("u")));
    }

    #[test]
    fn only_what_is_shown_asks_for_what_it_answers() {
        let answer = |key: &str, to: &str| row(Message { reply: Some(to.into()), ..example(key, "you", 1) });
        let rows = [answer("1", "$far"), answer("2", "$1"), answer("3", "$gone")];
        assert_eq!(missing_quotes(&rows, 1..3), ["$gone"]);
        assert_eq!(missing_quotes(&rows, 1..2), Vec::<String>::new());
        assert_eq!(missing_quotes(&rows, 2..9), Vec::<String>::new());
    }

    #[test]
    fn pictures_are_walked_through_and_what_is_hidden_is_left_out() {
        let picture = |key: &str, mime: &str, trust| {
            let mut file = example_file(FileKind::Picture, key);
            file.mime = Some(mime.to_owned());
            file.media = Some(Media { uri: "mxc://h/a".to_owned(), cipher: None });
            let content = Content::File(Box::new(file));
            row(Message { content, trust, ..example(key, "you", 1) })
        };
        let rows = [
            picture("1", "image/png", Trust::Fine),
            row(example("2", "you", 2)),
            picture("3", "image/svg+xml", Trust::Fine),
            picture("4", "image/png", Trust::WrongSender),
            picture("5", "image/png", Trust::Fine),
        ];
        let beside = |key, step| picture_beside(&rows, key, step).map(|message| message.key.clone());
        assert_eq!(beside("1", 1).as_deref(), Some("5"));
        assert_eq!(beside("5", -1).as_deref(), Some("1"));
        assert_eq!((beside("1", -1), beside("5", 1), beside("2", 1)), (None, None, None));
    }

    #[test]
    fn typing_is_told_and_names_stay_by_themselves() {
        assert_eq!(typing_words(&[]), None);
        assert_eq!(typing_words(&["Al\u{202e}ice".into()]).as_deref(), Some("\u{2068}Al\u{202e}ice\u{2069} is typing…"));
        assert_eq!(typing_words(&["a".into(), "b".into(), "c".into()]).as_deref(), Some("Several people are typing…"));
    }
}
