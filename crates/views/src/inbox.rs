//! The `inbox` view: messages that wait for devices. A delivered one leaves no trace here, so that folding the log
//! again after its payload was erased gives the same rows.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{
    Area, EndingFact, Fact, InboxFact,
    user::to_device::{InboxAcknowledged, InboxFill, InboxMessage, Waiting},
};
use projection::{Batch, EncodeKey, Fold, KeyRange, Order, Place, RowKey, Rows, Table, ViewFault};
use ruma::{DeviceId, OwnedUserId, UserId, events::AnyToDeviceEvent, serde::Raw};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Reader, Touched};

const VIEW: u8 = 7;
/// User, device, position: the event.
const MESSAGES: Table<(String, String, u64), Row> = Table::by_position(VIEW, 1);
/// The same rows, for the question of every sync whether there is any: that there is none stays in memory.
const ANY_MESSAGES: Table<(String, String, u64), Row> = MESSAGES.held();
/// User, device, sender: how much waits from them. There is no row for nothing.
const OF_SENDERS: Table<(String, String, String), Waiting> = Table::new(VIEW, 2);
/// User, device: how much waits from everybody but the user. There is no row for nothing.
const OF_OTHERS: Table<(String, String), Waiting> = Table::new(VIEW, 3);

/// A message that waits.
#[derive(Serialize, Deserialize)]
struct Row {
    /// When it came, milliseconds since the epoch.
    at_ms: u64,
    message: Message,
}

/// A to-device event as the receiver gets it.
#[derive(Serialize, Deserialize)]
struct Message {
    content: Box<RawValue>,
    sender: OwnedUserId,
    #[serde(rename = "type")]
    event_type: String,
}

impl Message {
    fn waiting(&self) -> Waiting {
        Waiting::one(self.content.get().len(), &self.event_type)
    }
}

/// Some of the messages that wait for a device.
pub struct Page {
    /// What the device is told of them, the oldest first.
    pub events: Vec<Raw<AnyToDeviceEvent>>,
    /// The position of the last message on the page, told or not; where the page begins if it has none.
    pub through: u64,
    /// True when more messages may wait behind it.
    pub is_full: bool,
}

/// The first `limit` messages that wait for a device of the reader after the first position `between` and up to the second.
///
/// Of somebody who is ignored the device is told only what is encrypted: that is keys and the state of sessions, without which
/// rooms stay unreadable if the sender is ignored no longer. A call or a verification cannot be begun with it alone.
///
/// # Errors
/// When rows cannot be read.
pub fn inbox_page(
    rows: &dyn Rows,
    reader: &Reader,
    device: &DeviceId,
    between: (u64, u64),
    limit: usize,
) -> Result<Page, ViewFault> {
    let (after, up_to) = between;
    let found = MESSAGES.collect(rows, range(reader.user(), device, after, up_to), Order::Ascending, limit)?;
    let mut page = Page { events: Vec::with_capacity(found.len()), through: after, is_full: found.len() == limit };
    for ((.., position), Row { message, .. }) in found {
        page.through = position;
        if !reader.ignores(&message.sender) || message.event_type == "m.room.encrypted" {
            let json =
                serde_json::value::to_raw_value(&message).map_err(|e| ViewFault::caused("a message does not encode", e))?;
            page.events.push(Raw::from_json(json));
        }
    }
    Ok(page)
}

/// The positions of messages that a device has received when it shows a token at `up_to`: what to acknowledge. Empty
/// nearly always, and then there is nothing to write. At most `limit`; the rest comes with the next acknowledgement.
///
/// # Errors
/// When rows cannot be read.
pub fn delivered(
    rows: &dyn Rows,
    user: &UserId,
    device: &DeviceId,
    up_to: u64,
    limit: usize,
) -> Result<Vec<u64>, ViewFault> {
    let all = KeyRange::prefix(&(user.as_str(), device.as_str()));
    if ANY_MESSAGES.collect_keys(rows, all, Order::Ascending, 1)?.is_empty() {
        return Ok(Vec::new());
    }
    let keys = MESSAGES.collect_keys(rows, range(user, device, 0, up_to), Order::Ascending, limit)?;
    Ok(keys.into_iter().map(|(.., position)| position).collect())
}

/// How much waits for a device from a sender, and from everybody but the device's owner.
///
/// # Errors
/// When rows cannot be read.
pub fn fill(rows: &dyn Rows, user: &UserId, device: &DeviceId, sender: &UserId) -> Result<InboxFill, ViewFault> {
    let (user, device) = (user.as_str(), device.as_str());
    Ok(InboxFill {
        of_sender: OF_SENDERS.get(rows, &(user, device, sender.as_str()))?.unwrap_or_default(),
        of_others: OF_OTHERS.get(rows, &(user, device))?.unwrap_or_default(),
    })
}

/// When the oldest message that waits for a device came, milliseconds since the epoch; none when none waits.
///
/// # Errors
/// When rows cannot be read.
pub fn oldest_ms(rows: &dyn Rows, user: &UserId, device: &DeviceId) -> Result<Option<u64>, ViewFault> {
    let first = MESSAGES.first(rows, KeyRange::prefix(&(user.as_str(), device.as_str())))?;
    Ok(first.map(|(_, row)| row.at_ms))
}

fn range(user: &UserId, device: &DeviceId, after: u64, up_to: u64) -> KeyRange {
    let (user, device) = (user.as_str(), device.as_str());
    KeyRange::newer_through(&(user, device), after, up_to)
}

/// Folds inbox facts.
pub struct InboxView;

impl Fold<Fact, Audience> for InboxView {
    fn name(&self) -> &'static str {
        "inbox"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        3
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Inbox(fact) => match fact {
                InboxFact::InboxMessage(fact) => {
                    touched.touch(|| Audience::Person(fact.user_id.clone()));
                    keep(batch, fact, place)
                }
                InboxFact::InboxAcknowledged(fact) => forget(batch, fact),
                // Only that it was sent, for whoever sends it again. What waits is in messages of its own.
                InboxFact::ToDeviceSent(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => clear(batch, &fact.user_id, &fact.device_id),
                EndingFact::DehydratedDeviceRemoved(fact) => clear(batch, &fact.user_id, &fact.device_id),
                EndingFact::InboxErased(fact) | EndingFact::AccountErased(fact) => clear_all(batch, &fact.user_id),
                EndingFact::AccountDeactivated(_) | EndingFact::EmailsErased(_) | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn keep(batch: &mut Batch<'_>, fact: &InboxMessage, place: &Place) -> Result<(), ViewFault> {
    let InboxMessage { user_id, device_id, sender, event_type, content } = fact;
    let content = content.json().to_owned();
    let message = Message { content, sender: sender.clone(), event_type: event_type.clone() };
    let waiting = message.waiting();
    MESSAGES.put(batch, &(user_id.as_str(), device_id.as_str(), place.position.0), &Row { at_ms: place.at_ms, message })?;
    recount(batch, user_id, device_id, sender, |before| before.plus(waiting))
}

/// Deletes what a device has received. What is not there any more counts for nothing: a device may acknowledge twice, and in a replay
/// the message was never there.
fn forget(batch: &mut Batch<'_>, fact: &InboxAcknowledged) -> Result<(), ViewFault> {
    let (user, device) = (&fact.user_id, &fact.device_id);
    let mut gone: BTreeMap<OwnedUserId, Waiting> = BTreeMap::new();
    for position in &fact.positions {
        let key = (user.as_str(), device.as_str(), *position);
        if let Some(Row { message, .. }) = MESSAGES.get(batch, &key)? {
            MESSAGES.delete(batch, &key)?;
            let waiting = message.waiting();
            let of_sender = gone.entry(message.sender).or_default();
            *of_sender = of_sender.plus(waiting);
        }
    }
    gone.iter().try_for_each(|(sender, gone)| recount(batch, user, device, sender, |before| before.minus(*gone)))
}

/// Changes the figures of a device that `sender` is counted in.
fn recount(
    batch: &mut Batch<'_>,
    user: &UserId,
    device: &DeviceId,
    sender: &UserId,
    change: impl Fn(Waiting) -> Waiting,
) -> Result<(), ViewFault> {
    change_row(batch, &OF_SENDERS, &(user.as_str(), device.as_str(), sender.as_str()), &change)?;
    if sender == user {
        return Ok(());
    }
    change_row(batch, &OF_OTHERS, &(user.as_str(), device.as_str()), &change)
}

fn change_row<K: RowKey>(
    batch: &mut Batch<'_>,
    table: &Table<K, Waiting>,
    key: &impl EncodeKey<Owned = K>,
    change: impl Fn(Waiting) -> Waiting,
) -> Result<(), ViewFault> {
    let after = change(table.get(batch, key)?.unwrap_or_default());
    if after == Waiting::default() { table.delete(batch, key) } else { table.put(batch, key, &after) }
}

/// Drops what waits for any device of a person who is forgotten.
fn clear_all(batch: &mut Batch<'_>, user: &UserId) -> Result<(), ViewFault> {
    let of_user = KeyRange::prefix(&(user.as_str(),));
    MESSAGES.delete_all(batch, of_user.clone())?;
    OF_SENDERS.delete_all(batch, of_user.clone())?;
    OF_OTHERS.delete_all(batch, of_user).map(|_| ())
}

/// Drops what waits for a device that is gone.
fn clear(batch: &mut Batch<'_>, user: &UserId, device: &DeviceId) -> Result<(), ViewFault> {
    let key = (user.as_str(), device.as_str());
    MESSAGES.delete_all(batch, KeyRange::prefix(&key))?;
    OF_SENDERS.delete_all(batch, KeyRange::prefix(&key))?;
    OF_OTHERS.delete(batch, &key)
}
