//! Which events a person is to be told of that are newer than what they were told of.

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{RoomId, push::Action};

use super::{
    notifying::{LAST_SENT, NOTIFYING},
    read::ReadUpTo,
    rules::{PushRules, notifies},
};
use crate::{
    Reader,
    membership::{Sight, joined_at},
    rooms::{Entry, entry_at, thread_of},
};

/// Events after a position that notify a person who is in the room and has not read them, with what their push rules say is to be done; the
/// newest `limit` that may notify anybody are looked at. Newest first.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn notifying_since(
    rows: &dyn Rows,
    room: &RoomId,
    reader: &Reader,
    after: u64,
    limit: usize,
) -> Result<Vec<(Entry, Vec<Action>)>, ViewFault> {
    if !NOTIFYING.may_have(rows, &KeyRange::newer(&(room.as_str(),), after)) {
        return Ok(Vec::new());
    }
    let user = reader.user();
    let read = ReadUpTo::of(rows, room, user)?;
    let sent = LAST_SENT.get(rows, &(room.as_str(), user.as_str()))?.unwrap_or_default();
    let joined = joined_at(rows, room, user)?.unwrap_or_default();
    let range = KeyRange::newer(&(room.as_str(),), after.max(sent).max(joined));
    let newest = NOTIFYING.collect(rows, range, Order::Descending, limit)?;
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    let (rules, sight) = (PushRules::of(rows, room, user)?, Sight::load(rows, room, reader)?);
    let mut found = Vec::new();
    for ((_, position), sender) in newest {
        if sender == user {
            continue;
        }
        let Some(row) = entry_at(rows, room.as_str(), position)? else { continue };
        let thread = thread_of(rows, room, &row.event_id)?;
        let entry = (position, row);
        let actions = rules.actions(&entry.1)?;
        if position > read.through(thread.as_deref()) && sight.may_see(&entry) && notifies(actions).0 {
            let actions = actions.to_vec();
            found.push((entry, actions));
        }
    }
    Ok(found)
}
