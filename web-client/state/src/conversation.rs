//! One conversation: its rows, who is typing, and how the rows are laid out.
//!
//! Rows mirror the library's timeline one to one, hidden ones included, so that its changes apply by index. What is
//! actually shown, and where a name and picture head a group of messages, is decided by [`lay_out`].

use crate::{
    call::{CallLog, CallRecord, CallRow},
    list::ListChange,
    trouble::Trouble,
};

/// Messages of one person closer together than this share one heading.
const GROUP_WITHIN_MS: u64 = 5 * 60_000;

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
    Message(Box<Message>),
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

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Stable key.
    pub key: String,
    /// Who wrote it.
    pub sender: String,
    /// That person's display name, or the user id's local part.
    pub sender_name: String,
    /// Whether one wrote it oneself.
    pub own: bool,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What it says.
    pub body: Body,
    /// Whether it was changed after sending.
    pub edited: bool,
    /// How far one's own message has come.
    pub delivery: Delivery,
    /// Users whose latest read message is this one, oneself left out.
    pub readers: Vec<String>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Plain text.
    Text(String),
    /// "/me" text: the sender's name belongs to the sentence.
    Emote(String),
    /// The key has not arrived, or never will.
    Undecryptable(Missing),
    /// Deleted by its sender.
    Deleted,
    /// Something this version cannot show yet; the words name it.
    Unsupported(String),
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Sent before this device was there; the recovery key or another device can unlock it.
    BeforeThisDevice,
    /// The sender's device has not shared the key, or it is still on its way.
    KeyNotHere,
}

impl Missing {
    /// What happened and what to do about it.
    pub fn words(self) -> &'static str {
        match self {
            Self::BeforeThisDevice => "Sent before you logged in here. Enter your recovery key in Settings to read it.",
            Self::KeyNotHere => "Waiting for the key to this message. It will appear by itself.",
        }
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

/// The conversation's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Oldest first.
    pub rows: Vec<Row>,
    /// Whether the timeline has been opened.
    pub opened: Option<Result<(), Trouble>>,
    /// Older messages.
    pub paging: Paging,
    /// Display names of those typing, oneself left out.
    pub typing: Vec<String>,
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

/// Folds one change into the conversation.
pub fn fold(state: &mut Conversation, change: ConversationChange) {
    match change {
        ConversationChange::Opened => state.opened = Some(Ok(())),
        ConversationChange::Failed(trouble) => state.opened = Some(Err(trouble)),
        ConversationChange::Rows(changes) => {
            for change in changes {
                change.apply(&mut state.rows);
            }
        }
        ConversationChange::Paging(paging) => state.paging = paging,
        ConversationChange::Typing(names) => state.typing = names,
    }
}

impl Conversation {
    /// "Alice is typing…"; `None` when nobody is.
    pub fn typing_words(&self) -> Option<String> {
        match self.typing.as_slice() {
            [] => None,
            [one] => Some(format!("{one} is typing…")),
            [one, other] => Some(format!("{one} and {other} are typing…")),
            _ => Some("Several people are typing…".to_owned()),
        }
    }

    /// Whether the line above what is new is among the rows.
    pub fn has_line(&self) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Unread { .. }))
    }

    /// The key of the latest message, or signal of a call, which is there to be read too.
    pub fn latest_key(&self) -> Option<&str> {
        self.rows.iter().rev().find_map(|row| match row {
            Row::Message(message) => Some(message.key.as_str()),
            Row::Call { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }
}

/// What stands under one's own latest message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// On its way.
    Sending,
    /// The server has it.
    Sent,
    /// The other person has read it.
    Seen,
    /// Not sent yet, because the server cannot be reached.
    Waiting,
    /// Not sent.
    Failed,
}

/// A row as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The row.
    pub row: &'a Row,
    /// Whether a message begins a group and shows name, picture and time.
    pub heads_group: bool,
    /// What stands under it.
    pub mark: Option<Mark>,
    /// The call that a signal stands for.
    pub call: Option<CallRow>,
}

/// Decides what is shown and how. Hidden rows and days without messages are left out, and so is the line above what
/// is new unless `shows_line`: somebody who watches a message arrive needs no line above it. `me` is one's own user id,
/// `now_ms` the time since the Unix epoch; both are for calls.
pub fn lay_out<'a>(rows: &'a [Row], shows_line: bool, me: &str, now_ms: u64) -> Vec<Placed<'a>> {
    let calls = calls_of(rows);
    let read_up_to = rows.iter().rposition(has_readers);
    let last_own = rows.iter().rposition(|row| matches!(row, Row::Message(m) if m.own));
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(rows.len());
    let mut before: Option<&Message> = None;
    for (index, row) in rows.iter().enumerate() {
        let mut heads_group = false;
        let mut mark = None;
        let mut call = None;
        match row {
            Row::Call { record, .. } => {
                call = calls.row_at(&record.signal.call_id, &record.event_id, me, now_ms);
                if call.is_none() {
                    continue;
                }
                before = None;
            }
            Row::Hidden { .. } => continue,
            Row::Unread { .. } if !shows_line => continue,
            Row::Message(message) => {
                heads_group = !before.is_some_and(|b| continues(b, message));
                mark = mark_of(message, Some(index) == last_own, read_up_to.is_some_and(|read| index <= read));
                before = Some(message);
            }
            Row::Day { .. } => {
                // A day with nothing in it to show would be two headings in a row.
                if placed.last().is_some_and(|last| matches!(last.row, Row::Day { .. })) {
                    placed.pop();
                }
                before = None;
            }
            Row::Unread { .. } | Row::Start { .. } | Row::Note { .. } => before = None,
        }
        placed.push(Placed { row, heads_group, mark, call });
    }
    if placed.last().is_some_and(|last| matches!(last.row, Row::Day { .. } | Row::Unread { .. })) {
        placed.pop();
    }
    placed
}

fn calls_of(rows: &[Row]) -> CallLog {
    let mut calls = CallLog::default();
    for row in rows {
        if let Row::Call { record, .. } = row {
            calls.add(record);
        }
    }
    calls
}

fn has_readers(row: &Row) -> bool {
    match row {
        Row::Message(message) => !message.readers.is_empty(),
        Row::Note { readers, .. } | Row::Call { readers, .. } | Row::Hidden { readers } => !readers.is_empty(),
        Row::Day { .. } | Row::Unread { .. } | Row::Start { .. } => false,
    }
}

fn continues(before: &Message, message: &Message) -> bool {
    before.sender == message.sender && message.at_ms.saturating_sub(before.at_ms) < GROUP_WITHIN_MS
}

fn mark_of(message: &Message, is_last_own: bool, is_read: bool) -> Option<Mark> {
    if !message.own {
        return None;
    }
    match message.delivery {
        Delivery::Failed => Some(Mark::Failed),
        Delivery::Waiting => Some(Mark::Waiting),
        Delivery::Sending if is_last_own => Some(Mark::Sending),
        Delivery::Sent if is_last_own && is_read => Some(Mark::Seen),
        Delivery::Sent if is_last_own => Some(Mark::Sent),
        Delivery::Sending | Delivery::Sent => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Conversation, ConversationChange as C, Delivery, Mark, Message, Paging, Row, fold, lay_out};
    use crate::{
        call::{
            CallRecord, CallRow, Signal,
            signal::{Body as SignalBody, Invite},
        },
        list::ListChange as L,
    };
    use std::collections::BTreeMap;

    fn message(key: &str, sender: &str, at_s: u64) -> Message {
        Message {
            key: key.to_owned(),
            sender: sender.to_owned(),
            sender_name: sender.to_owned(),
            own: sender == "me",
            at_ms: at_s * 1_000,
            body: Body::Text(key.to_owned()),
            edited: false,
            delivery: Delivery::Sent,
            readers: Vec::new(),
        }
    }

    fn row(key: &str, sender: &str, at_s: u64) -> Row {
        Row::Message(Box::new(message(key, sender, at_s)))
    }

    fn day(key: &str) -> Row {
        Row::Day { key: key.to_owned(), at_ms: 0 }
    }

    fn hidden() -> Row {
        Row::Hidden { readers: Vec::new() }
    }

    /// One character per shown row: `D` day, `H` heading message, `m` message, with the mark's initial after it.
    fn show(rows: &[Row]) -> String {
        lay_out(rows, true, "me", 0)
            .iter()
            .map(|placed| {
                let kind = match placed.row {
                    Row::Day { .. } => "D",
                    Row::Message(_) if placed.heads_group => "H",
                    Row::Message(_) => "m",
                    Row::Unread { .. } => "U",
                    _ => "?",
                };
                let mark = match placed.mark {
                    Some(Mark::Sending) => "…",
                    Some(Mark::Sent) => "✓",
                    Some(Mark::Seen) => "👁",
                    Some(Mark::Waiting) => "w",
                    Some(Mark::Failed) => "!",
                    None => "",
                };
                format!("{kind}{mark}")
            })
            .collect()
    }

    #[test]
    fn messages_group_by_person_time_and_day() {
        assert_eq!(show(&[day("d"), row("1", "you", 0), row("2", "you", 10), row("3", "me", 20)]), "DHmH✓");
        assert_eq!(show(&[row("1", "you", 0), row("2", "you", 299)]), "Hm");
        assert_eq!(show(&[row("1", "you", 0), row("2", "you", 300)]), "HH");
        assert_eq!(show(&[row("1", "you", 0), day("d"), row("2", "you", 1)]), "HDH");
        assert_eq!(show(&[row("1", "you", 0), hidden(), row("2", "you", 1)]), "Hm");
    }

    #[test]
    fn days_without_messages_are_left_out() {
        assert_eq!(show(&[day("a"), hidden(), day("b"), row("1", "you", 0)]), "DH");
        assert_eq!(show(&[row("1", "you", 0), day("b"), hidden()]), "H");
        assert_eq!(show(&[row("1", "you", 0), Row::Unread { key: "u".into() }]), "H");
    }

    #[test]
    fn a_call_stands_once_and_parts_groups() {
        let call = |key: &str, at_ms: u64, body: SignalBody| Row::Call {
            key: key.into(),
            record: Box::new(CallRecord {
                event_id: key.into(),
                sender: "me".into(),
                at_ms,
                signal: Signal { call_id: "c".into(), party_id: "d".into(), body },
            }),
            readers: Vec::new(),
        };
        let invite = Invite { sdp: "m=audio".into(), lifetime_ms: 60_000, invitee: None, streams: BTreeMap::new() };
        let rows = [
            row("1", "you", 0),
            call("2", 1_000, SignalBody::Invite(invite)),
            call("3", 2_000, SignalBody::Hangup { reason: None, summary: None }),
            row("4", "you", 3),
        ];
        let placed = lay_out(&rows, false, "me", 10_000);
        let words: Vec<_> = placed.iter().filter_map(|placed| placed.call.as_ref()).map(CallRow::words).collect();
        assert_eq!(words, ["Voice call · Cancelled"]);
        assert_eq!(show(&rows), "H?H");
    }

    #[test]
    fn the_line_above_what_is_new_can_be_left_out() {
        let rows = [row("1", "you", 0), Row::Unread { key: "u".into() }, row("2", "you", 1)];
        assert_eq!(show(&rows), "HUH");
        assert_eq!(
            lay_out(&rows, false, "me", 0).iter().map(|placed| placed.heads_group).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn only_the_latest_own_message_says_how_far_it_came() {
        assert_eq!(show(&[row("1", "me", 0), row("2", "me", 1)]), "Hm✓");
        let mut seen = message("3", "you", 2);
        seen.readers.push("you".into());
        let seen = Row::Message(Box::new(seen));
        assert_eq!(show(&[row("1", "me", 0), seen.clone()]), "H👁H");
        assert_eq!(show(&[seen, row("1", "me", 3)]), "HH✓");
        assert_eq!(show(&[row("1", "me", 0), Row::Hidden { readers: vec!["you".into()] }]), "H👁");
    }

    #[test]
    fn a_message_that_was_not_sent_always_says_so() {
        let own = |key: &str, at_min, delivery| {
            let mut own = message(key, "me", at_min);
            own.delivery = delivery;
            Row::Message(Box::new(own))
        };
        let rows = [
            own("1", 0, Delivery::Failed),
            own("2", 1, Delivery::Waiting),
            own("3", 1, Delivery::Sending),
            own("4", 1, Delivery::Sending),
        ];
        assert_eq!(show(&rows), "H!mwmm…");
    }

    #[test]
    fn changes_fold() {
        let mut state = Conversation::default();
        for change in [
            C::Opened,
            C::Rows(vec![L::Reset(vec![row("2", "you", 2)]), L::PushFront(row("1", "you", 1))]),
            C::Paging(Paging::AtStart),
            C::Typing(vec!["Alice".into()]),
        ] {
            fold(&mut state, change);
        }
        assert_eq!(state.opened, Some(Ok(())));
        assert_eq!(state.rows.len(), 2);
        assert_eq!(state.latest_key(), Some("2"));
        assert!(!state.has_line());
        assert_eq!(state.paging, Paging::AtStart);
        assert_eq!(state.typing_words().as_deref(), Some("Alice is typing…"));
    }
}
