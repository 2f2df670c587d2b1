//! Counts what a person has not read in a room (spec: "Receiving notifications", `unread_notifications` and
//! `unread_thread_notifications`).
//!
//! Counted when asked, from an index of what notifies; a count that is kept goes wrong with every redaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{OwnedEventId, RoomId};

use super::{
    notifying::{LAST_SENT, MENTIONS, NOTIFYING, THREADED},
    read::ReadUpTo,
    rules::{PushRules, notifies},
};
use crate::{
    Reader, membership,
    rooms::{entry_at, thread_by},
};

/// Counts stop here: clients show no larger ones, and every sync of a busy room counts anew.
pub const UNREAD_MAX: usize = 100;
/// Events of people who are ignored that are looked at for one count.
const HIDDEN_MAX: usize = 10_000;
/// Events that are judged by a person's own push rules for one count.
const JUDGED_MAX: usize = 500;
/// Events in threads that are looked at for one count, the newest ones. What is older than these counts as read.
const THREADED_MAX: usize = 1_000;

/// How much is unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Events that would have notified.
    pub notification_count: usize,
    /// Those among them that mention the person.
    pub highlight_count: usize,
}

impl Unread {
    fn add(&mut self, other: Self) {
        let sum = |one: usize, other: usize| (one + other).min(UNREAD_MAX);
        self.notification_count = sum(self.notification_count, other.notification_count);
        self.highlight_count = sum(self.highlight_count, other.highlight_count);
    }

    fn count(&mut self, highlights: bool) {
        self.add(Self { notification_count: 1, highlight_count: usize::from(highlights) });
    }
}

/// How much is unread in each thread. Each count stops at [`UNREAD_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnreadByThread {
    /// What is in no thread.
    pub main: Unread,
    /// Threads in which something is unread, by their roots.
    pub threads: BTreeMap<OwnedEventId, Unread>,
}

impl UnreadByThread {
    /// All of the room.
    #[must_use]
    pub fn all(&self) -> Unread {
        let mut all = self.main;
        self.threads.values().for_each(|thread| all.add(*thread));
        all
    }
}

/// How much a person has not read in a room, threads included.
///
/// # Errors
/// Storage failed.
pub fn unread(rows: &dyn Rows, room_id: &RoomId, reader: &Reader) -> Result<Unread, ViewFault> {
    Ok(unread_by_thread(rows, room_id, reader)?.all())
}

/// How much a person has not read in a room: events of others after the person's receipts of either kind for the room or the
/// thread, and after the person's own newest event and joining, without events of those whom they ignore.
///
/// # Errors
/// Storage failed.
pub fn unread_by_thread(rows: &dyn Rows, room_id: &RoomId, reader: &Reader) -> Result<UnreadByThread, ViewFault> {
    let (room, user_id) = (room_id.as_str(), reader.user());
    let mut read = ReadUpTo::of(rows, room_id, user_id)?;
    // Who writes in a room has read it: this is what clients assume when they send no receipt for their own events.
    let sent = LAST_SENT.get(rows, &(room, user_id.as_str()))?.unwrap_or_default();
    let joined_at = membership::joined_at(rows, room_id, user_id)?.unwrap_or_default();
    read.all = read.all.max(sent).max(joined_at);
    if !NOTIFYING.may_have(rows, &KeyRange::newer(&(room,), read.all)) {
        return Ok(UnreadByThread::default());
    }
    let in_threads = InThreads::load(rows, room_id, reader, &read)?;
    let main = KeyRange::newer(&(room,), read.through(None).max(in_threads.known_after));
    match PushRules::changed(rows, room_id, user_id)? {
        Some(rules) => judged(rows, room_id, reader, main, &in_threads, &rules),
        None => Ok(UnreadByThread {
            main: counted(rows, reader, main, &in_threads)?,
            threads: in_threads.counted(rows, room, reader)?,
        }),
    }
}

/// The newest events in threads that notify.
#[derive(Default)]
struct InThreads {
    /// Where they are, read or not.
    positions: BTreeSet<u64>,
    /// Those that are unread, with the roots of their threads.
    unread: Vec<(u64, OwnedEventId)>,
    /// No other is after this position.
    known_after: u64,
}

impl InThreads {
    fn load(rows: &dyn Rows, room_id: &RoomId, reader: &Reader, read: &ReadUpTo) -> Result<Self, ViewFault> {
        let mut found = Self::default();
        let range = KeyRange::newer(&(room_id.as_str(),), read.all);
        let newest = THREADED.collect(rows, range, Order::Descending, THREADED_MAX)?;
        if newest.len() == THREADED_MAX {
            found.known_after = newest.last().map_or(0, |((_, position), _)| position.saturating_sub(1));
        }
        // Who writes in a thread has read it so far.
        let mut written_in = BTreeSet::new();
        for ((_, position), threaded) in newest {
            let root =
                if threaded.is_root { Some(threaded.event_id) } else { thread_by(rows, room_id, &threaded.event_id)? };
            let Some(root) = root else { continue };
            found.positions.insert(position);
            if threaded.sender == reader.user() {
                written_in.insert(root);
            } else if position > read.through(Some(&root))
                && !written_in.contains(&root)
                && !reader.ignores(&threaded.sender)
            {
                found.unread.push((position, root));
            }
        }
        Ok(found)
    }

    /// Counts them without rules of the person's own.
    fn counted(&self, rows: &dyn Rows, room: &str, reader: &Reader) -> Result<BTreeMap<OwnedEventId, Unread>, ViewFault> {
        let mut threads: BTreeMap<_, Unread> = BTreeMap::new();
        for (position, root) in &self.unread {
            let mentioned = MENTIONS.get(rows, &(room, *position))?.unwrap_or_default();
            let highlights = mentioned.iter().any(|user| user == reader.user().as_str());
            threads.entry(root.clone()).or_default().count(highlights);
        }
        Ok(threads)
    }
}

/// Counts what is in no thread without rules of the person's own.
fn counted(rows: &dyn Rows, reader: &Reader, range: KeyRange, in_threads: &InThreads) -> Result<Unread, ViewFault> {
    let passed_over = passed_over(rows, range.clone(), reader, in_threads)?;
    let mut highlight_count = 0;
    MENTIONS.scan(rows, range.clone(), Order::Ascending, |(_, position), users| {
        let mentions = users.iter().any(|user| user == reader.user().as_str()) && !passed_over.contains(&position);
        highlight_count += usize::from(mentions);
        if highlight_count < UNREAD_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let counted = NOTIFYING.count(rows, range, UNREAD_MAX + passed_over.len())?;
    Ok(Unread { notification_count: counted - passed_over.len().min(counted), highlight_count })
}

/// Counts what would notify by the person's own rules.
fn judged(
    rows: &dyn Rows,
    room_id: &RoomId,
    reader: &Reader,
    main: KeyRange,
    in_threads: &InThreads,
    rules: &PushRules,
) -> Result<UnreadByThread, ViewFault> {
    let mut unread = UnreadByThread::default();
    let judge = |position: u64| -> Result<(bool, bool), ViewFault> {
        let row = entry_at(rows, room_id.as_str(), position)?;
        row.map_or(Ok((false, false)), |row| Ok(notifies(rules.actions(&row)?)))
    };
    for ((_, position), sender) in NOTIFYING.collect(rows, main, Order::Ascending, JUDGED_MAX)? {
        if reader.ignores(&sender) || in_threads.positions.contains(&position) {
            continue;
        }
        if let (true, highlights) = judge(position)? {
            unread.main.count(highlights);
        }
        if unread.main.notification_count == UNREAD_MAX {
            break;
        }
    }
    for (position, root) in in_threads.unread.iter().take(JUDGED_MAX) {
        if let (true, highlights) = judge(*position)? {
            unread.threads.entry(root.clone()).or_default().count(highlights);
        }
    }
    Ok(unread)
}

/// What of a range is not counted as of no thread: what is in one, and where somebody whom the reader ignores would notify, up to where
/// there is enough to count without it.
fn passed_over(
    rows: &dyn Rows,
    range: KeyRange,
    reader: &Reader,
    in_threads: &InThreads,
) -> Result<BTreeSet<u64>, ViewFault> {
    let mut passed_over = BTreeSet::new();
    if !reader.ignores_anybody() && in_threads.positions.is_empty() {
        return Ok(passed_over);
    }
    let mut counted = 0;
    NOTIFYING.scan(rows, range, Order::Ascending, |(_, position), sender| {
        if reader.ignores(&sender) || in_threads.positions.contains(&position) {
            passed_over.insert(position);
        } else {
            counted += 1;
        }
        let goes_on = counted < UNREAD_MAX && passed_over.len() < HIDDEN_MAX;
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(passed_over)
}
