//! The `inbox` view: messages that wait for devices. A delivered one leaves no trace here, so that folding the log
//! again after its payload was erased gives the same rows.

#[cfg(test)]
mod tests;

use domain::{Area, EndingFact, Fact, InboxFact};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{DeviceId, OwnedUserId, UserId, events::AnyToDeviceEvent, serde::Raw};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Touched};

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

/// Messages that wait for a device, after position `after` and up to `up_to`, the oldest first, at most `limit`.
///
/// # Errors
/// When rows cannot be read.
pub fn inbox_page(
    rows: &dyn Rows,
    user: &UserId,
    device: &DeviceId,
    after: u64,
    up_to: u64,
    limit: usize,
) -> Result<Vec<(u64, Raw<AnyToDeviceEvent>)>, ViewFault> {
    let found = MESSAGES.collect(rows, range(user, device, after, up_to), Order::Ascending, limit)?;
    let event = |message: &Message| {
        let json =
            serde_json::value::to_raw_value(message).map_err(|e| ViewFault::caused("a message does not encode", e))?;
        Ok(Raw::from_json(json))
    };
    found.into_iter().map(|((.., position), message)| Ok((position, event(&message)?))).collect()
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
