//! The `inbox` view: messages that wait for devices. A delivered one leaves no trace here, so that folding the log
//! again after its payload was erased gives the same rows.

#[cfg(test)]
mod tests;

use domain::{Area, EndingFact, Fact, InboxFact};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{DeviceId, OwnedUserId, UserId, events::AnyToDeviceEvent, serde::Raw};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Reader, Touched};

const VIEW: u8 = 7;
/// User, device, position: the event.
const MESSAGES: Table<(String, String, u64), Message> = Table::by_position(VIEW, 1);

/// A to-device event as the receiver gets it.
#[derive(Serialize, Deserialize)]
struct Message {
    content: Box<RawValue>,
    sender: OwnedUserId,
    #[serde(rename = "type")]
    event_type: String,
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
    for ((.., position), message) in found {
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
    let keys = MESSAGES.collect_keys(rows, range(user, device, 0, up_to), Order::Ascending, limit)?;
    Ok(keys.into_iter().map(|(.., position)| position).collect())
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
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Inbox(fact) => match fact {
                InboxFact::InboxMessage(fact) => {
                    touched.touch(|| Audience::Person(fact.user_id.clone()));
                    let key = (fact.user_id.as_str(), fact.device_id.as_str(), place.position.0);
                    let content = fact.content.json().to_owned();
                    let message = Message { content, sender: fact.sender.clone(), event_type: fact.event_type.clone() };
                    MESSAGES.put(batch, &key, &message)
                }
                InboxFact::InboxAcknowledged(fact) => fact.positions.iter().try_for_each(|position| {
                    MESSAGES.delete(batch, &(fact.user_id.as_str(), fact.device_id.as_str(), *position))
                }),
                // Only that it was sent, for whoever sends it again. What waits is in messages of its own.
                InboxFact::ToDeviceSent(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => clear(batch, &fact.user_id, &fact.device_id),
                EndingFact::DehydratedDeviceRemoved(fact) => clear(batch, &fact.user_id, &fact.device_id),
                EndingFact::AccountDeactivated(_) => Ok(()),
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

/// Drops what waits for a device that is gone.
fn clear(batch: &mut Batch<'_>, user: &UserId, device: &DeviceId) -> Result<(), ViewFault> {
    MESSAGES.delete_all(batch, KeyRange::prefix(&(user.as_str(), device.as_str()))).map(|_| ())
}
