//! How rows are laid out: which are shown, where a name and picture head a group, and what stands under one's own.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::Row;
use crate::{
    call::{CallLog, CallRow},
    message::{Delivery, Message, Quote},
};

/// Messages of one person closer together than this share one heading.
const GROUP_WITHIN_MS: u64 = 5 * 60_000;

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
    /// A change to it is not sent yet, because the server cannot be reached.
    ChangeWaiting,
    /// A change to it was not sent.
    ChangeFailed,
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
    /// The message that it answers, if that is among the rows.
    pub quote: Option<Quote>,
}

/// Decides what of the rows in `range` is shown and how; the others are looked at for what they say of these. Hidden
/// rows and days without messages are left out, and so is the line above what is new unless `shows_line`: somebody who
/// watches a message arrive needs no line above it. `me` is one's own user id, `now_ms` the time since the Unix epoch;
/// both are for calls.
pub fn lay_out<'a>(rows: &'a [Row], range: Range<usize>, shows_line: bool, me: &str, now_ms: u64) -> Vec<Placed<'a>> {
    let calls = calls_of(rows);
    let by_id = quoted(rows, &range);
    let read_up_to = rows.iter().rposition(has_readers);
    let last_own = rows.iter().rposition(|row| matches!(row, Row::Message { message, .. } if message.own));
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(range.len());
    let mut before: Option<&Message> = None;
    for (index, row) in rows.iter().enumerate().take(range.end) {
        let is_in = index >= range.start;
        let mut heads_group = false;
        let mut mark = None;
        let mut call = None;
        let mut quote = None;
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
            Row::Message { message, .. } if !is_in => before = Some(message),
            Row::Message { message, .. } => {
                heads_group = !before.is_some_and(|b| continues(b, message));
                mark = mark_of(message, Some(index) == last_own, read_up_to.is_some_and(|read| index <= read));
                quote = message.reply.as_ref().and_then(|id| by_id.get(id.as_str())?.quote());
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
        if is_in {
            placed.push(Placed { row, heads_group, mark, call, quote });
        }
    }
    if range.end >= rows.len() && placed.last().is_some_and(|last| matches!(last.row, Row::Day { .. } | Row::Unread { .. }))
    {
        placed.pop();
    }
    placed
}

/// The messages that those in `range` answer, by event id.
fn quoted<'a>(rows: &'a [Row], range: &Range<usize>) -> HashMap<&'a str, &'a Message> {
    let message = |row: &'a Row| match row {
        Row::Message { message, .. } => Some(&**message),
        _ => None,
    };
    let shown = rows.get(range.clone()).unwrap_or_default();
    let wanted: HashSet<&str> = shown.iter().filter_map(message).filter_map(|message| message.reply.as_deref()).collect();
    if wanted.is_empty() {
        return HashMap::new();
    }
    let messages = rows.iter().filter_map(message);
    messages.filter_map(|message| Some((message.id.as_deref()?, message))).filter(|(id, _)| wanted.contains(id)).collect()
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
        Row::Message { readers, .. } | Row::Note { readers, .. } | Row::Call { readers, .. } | Row::Hidden { readers } => {
            !readers.is_empty()
        }
        Row::Day { .. } | Row::Unread { .. } | Row::Start { .. } => false,
    }
}

fn continues(before: &Message, message: &Message) -> bool {
    before.sender == message.sender
        && before.trust == message.trust
        && message.reply.is_none()
        && message.at_ms.saturating_sub(before.at_ms) < GROUP_WITHIN_MS
}

fn mark_of(message: &Message, is_last_own: bool, is_read: bool) -> Option<Mark> {
    if !message.own {
        return None;
    }
    match message.delivery {
        Delivery::Failed => Some(Mark::Failed),
        Delivery::Waiting => Some(Mark::Waiting),
        Delivery::Sent if message.change == Delivery::Failed => Some(Mark::ChangeFailed),
        Delivery::Sent if message.change == Delivery::Waiting => Some(Mark::ChangeWaiting),
        Delivery::Sending if is_last_own => Some(Mark::Sending),
        Delivery::Sent if is_last_own && is_read => Some(Mark::Seen),
        Delivery::Sent if is_last_own => Some(Mark::Sent),
        Delivery::Sending | Delivery::Sent => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, rc::Rc};

    use super::{Mark, lay_out};
    use crate::{
        call::{
            CallRecord, CallRow, Signal,
            signal::{Body as SignalBody, Invite},
        },
        conversation::Row,
        message::{Delivery, Message, Trust, example},
    };

    fn shown(message: Message) -> Row {
        Row::Message { message: Rc::new(message), readers: Vec::new() }
    }

    fn row(key: &str, sender: &str, at_s: u64) -> Row {
        shown(example(key, sender, at_s))
    }

    fn day(key: &str) -> Row {
        Row::Day { key: key.to_owned(), at_ms: 0 }
    }

    fn hidden() -> Row {
        Row::Hidden { readers: Vec::new() }
    }

    /// One character per shown row: `D` day, `H` heading message, `m` message, with the mark's initial after it.
    fn show(rows: &[Row]) -> String {
        lay_out(rows, 0..rows.len(), true, "me", 0)
            .iter()
            .map(|placed| {
                let kind = match placed.row {
                    Row::Day { .. } => "D",
                    Row::Message { .. } if placed.heads_group => "H",
                    Row::Message { .. } => "m",
                    Row::Unread { .. } => "U",
                    _ => "?",
                };
                let mark = match placed.mark {
                    Some(Mark::Sending) => "…",
                    Some(Mark::Sent) => "✓",
                    Some(Mark::Seen) => "👁",
                    Some(Mark::Waiting) => "w",
                    Some(Mark::Failed) => "!",
                    Some(Mark::ChangeWaiting) => "cw",
                    Some(Mark::ChangeFailed) => "c!",
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
        let placed = lay_out(&rows, 0..rows.len(), false, "me", 10_000);
        let words: Vec<_> = placed.iter().filter_map(|placed| placed.call.as_ref()).map(CallRow::words).collect();
        assert_eq!(words, ["Voice call · Cancelled"]);
        assert_eq!(show(&rows), "H?H");
    }

    #[test]
    fn the_line_above_what_is_new_can_be_left_out() {
        let rows = [row("1", "you", 0), Row::Unread { key: "u".into() }, row("2", "you", 1)];
        assert_eq!(show(&rows), "HUH");
        assert_eq!(
            lay_out(&rows, 0..rows.len(), false, "me", 0).iter().map(|placed| placed.heads_group).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn only_the_latest_own_message_says_how_far_it_came() {
        assert_eq!(show(&[row("1", "me", 0), row("2", "me", 1)]), "Hm✓");
        let seen = Row::Message { message: Rc::new(example("3", "you", 2)), readers: vec!["you".into()] };
        assert_eq!(show(&[row("1", "me", 0), seen.clone()]), "H👁H");
        assert_eq!(show(&[seen, row("1", "me", 3)]), "HH✓");
        assert_eq!(show(&[row("1", "me", 0), Row::Hidden { readers: vec!["you".into()] }]), "H👁");
    }

    #[test]
    fn a_message_that_was_not_sent_always_says_so() {
        let own = |key, at_min, delivery| shown(Message { delivery, ..example(key, "me", at_min) });
        let rows = [
            own("1", 0, Delivery::Failed),
            own("2", 1, Delivery::Waiting),
            own("3", 1, Delivery::Sending),
            own("4", 1, Delivery::Sending),
        ];
        assert_eq!(show(&rows), "H!mwmm…");
    }

    #[test]
    fn a_change_that_was_not_sent_is_told_under_its_message() {
        let changed = |key, change| shown(Message { change, ..example(key, "me", 0) });
        let rows = [
            changed("1", Delivery::Failed),
            changed("2", Delivery::Waiting),
            changed("3", Delivery::Sending),
            row("4", "me", 1),
        ];
        assert_eq!(show(&rows), "Hc!mcwmm✓");
    }

    #[test]
    fn an_answer_and_a_doubt_begin_a_group() {
        let mut answer = example("2", "you", 1);
        answer.reply = Some("$1".into());
        let mut doubtful = example("3", "you", 2);
        doubtful.trust = Trust::Unproven;
        let mut doubtful_too = example("4", "you", 3);
        doubtful_too.trust = Trust::Unproven;
        let rows = [row("1", "you", 0), shown(answer), shown(doubtful), shown(doubtful_too)];
        assert_eq!(show(&rows), "HHHm");
        let quotes: Vec<_> = lay_out(&rows, 0..rows.len(), true, "me", 0).into_iter().map(|placed| placed.quote).collect();
        assert_eq!(quotes, [None, example("1", "you", 0).quote(), None, None]);
    }

    #[test]
    fn a_part_is_laid_out_as_it_is_in_the_whole() {
        let mut answer = example("4", "me", 4);
        answer.reply = Some("$1".into());
        let own = |key, at_s| row(key, "me", at_s);
        let rows =
            [day("d"), row("1", "you", 1), row("2", "you", 2), hidden(), shown(answer), own("5", 5), day("e"), own("6", 6)];
        let whole = lay_out(&rows, 0..rows.len(), true, "me", 0);
        for start in 0..rows.len() {
            for end in start..=rows.len() {
                let part = lay_out(&rows, start..end, true, "me", 0);
                let same: Vec<_> =
                    whole.iter().filter(|placed| rows[start..end].iter().any(|row| std::ptr::eq(row, placed.row))).collect();
                assert_eq!(part.iter().collect::<Vec<_>>(), same, "{start}..{end}");
            }
        }
    }
}
