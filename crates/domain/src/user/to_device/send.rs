//! Sends messages to devices (spec: `PUT /sendToDevice/{eventType}/{txnId}`).

use std::{collections::BTreeMap, time::Duration};

use ruma::{
    OwnedDeviceId, OwnedUserId, UserId,
    api::error::{ErrorKind, LimitExceededErrorData, RetryAfter},
    events::AnyToDeviceEventContent,
    serde::Raw,
    to_device::DeviceIdOrAllDevices,
};

use super::{
    CONTENT_BYTES_MAX, InboxMessage, NAME_BYTES_MAX, RECIPIENTS_MAX, ToDeviceKey, ToDeviceSent, UNREAD_MS_MAX, Waiting,
};
use crate::{Command, Context, Decision, Fact, NewFact, Rejection, Stream, lookup::Lookup, user::UserState};

/// Bytes of the content for all recipients together: half of what a unit of the log may hold.
const TOTAL_BYTES_MAX: usize = 8 << 20;
/// When to try again what had no room: a device that is read takes hundreds of messages with each sync.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The content for each device of each person, or for all devices of a person that are not named.
pub type Messages = BTreeMap<OwnedUserId, BTreeMap<DeviceIdOrAllDevices, Raw<AnyToDeviceEventContent>>>;

/// One message to one device.
struct Envelope {
    user_id: OwnedUserId,
    device_id: OwnedDeviceId,
    content: Raw<AnyToDeviceEventContent>,
}

/// Sends messages of one type to devices, once for each transaction id. A message to a device that does not exist is dropped:
/// the spec has no error for it. So is one to a device that has no room for it and is read by nobody.
///
/// Where a device is read and has no room for one message, all are refused with 429 `M_LIMIT_EXCEEDED`; the request can be repeated as
/// it is.
#[derive(Clone, Debug)]
pub struct SendToDevice {
    /// Who sends.
    pub sender: OwnedUserId,
    /// Makes a repeated request harmless; names the sending device and the event's type.
    pub key: ToDeviceKey,
    /// The messages.
    pub messages: Messages,
}

impl Command for SendToDevice {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.sender.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { sender, key, messages } = self;
        if key.event_type.len() > NAME_BYTES_MAX || key.transaction_id.as_str().len() > NAME_BYTES_MAX {
            return Err(Rejection::invalid_param("An event type and a transaction id have at most 255 bytes."));
        }
        let mut envelopes = envelopes(messages, context.lookup)?;
        check(&envelopes)?;
        if state.sending.is_sent(&key) {
            return Ok(Decision::AlreadyDone(()));
        }
        drop_what_nobody_reads(&mut envelopes, &sender, &key.event_type, context)?;
        if envelopes.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        let event_type = key.event_type.clone();
        let mut facts = Vec::with_capacity(envelopes.len() + 1);
        facts.push(NewFact::Own(Fact::ToDeviceSent(ToDeviceSent { key })));
        facts.extend(envelopes.into_iter().map(|Envelope { user_id, device_id, content }| {
            let (sender, event_type) = (sender.clone(), event_type.clone());
            let stream = Stream::Inbox(user_id.clone());
            NewFact::Of(stream, Fact::InboxMessage(InboxMessage { user_id, device_id, sender, event_type, content }))
        }));
        Ok(Decision::Accept { facts, reply: () })
    }
}

/// One envelope for each device that exists; a message to a named device goes before one to all.
fn envelopes(messages: Messages, lookup: &dyn Lookup) -> Result<Vec<Envelope>, Rejection> {
    let mut envelopes = Vec::new();
    for (user_id, by_device) in messages {
        let devices = lookup.devices(&user_id)?;
        let mut contents = BTreeMap::new();
        if let Some(content) = by_device.get(&DeviceIdOrAllDevices::AllDevices) {
            contents.extend(devices.iter().map(|device_id| (device_id.clone(), content.clone())));
        }
        contents.extend(by_device.into_iter().filter_map(|(device, content)| match device {
            DeviceIdOrAllDevices::DeviceId(device_id) if devices.contains(&device_id) => Some((device_id, content)),
            _ => None,
        }));
        envelopes.extend(contents.into_iter().map(|(device_id, content)| {
            let user_id = user_id.clone();
            Envelope { user_id, device_id, content }
        }));
        if envelopes.len() > RECIPIENTS_MAX {
            return Err(Rejection::too_large("One request reaches at most 999 devices. Split it up."));
        }
    }
    Ok(envelopes)
}

fn check(envelopes: &[Envelope]) -> Result<(), Rejection> {
    let sizes = envelopes.iter().map(|envelope| envelope.content.json().get().len());
    if sizes.clone().any(|size| size > CONTENT_BYTES_MAX) || sizes.sum::<usize>() > TOTAL_BYTES_MAX {
        return Err(Rejection::too_large("A message to a device has at most 64 KiB, a request 8 MiB."));
    }
    if envelopes.iter().any(|envelope| !envelope.content.json().get().starts_with('{')) {
        return Err(Rejection::bad_json("The content of a message to a device is an object."));
    }
    Ok(())
}

/// Leaves the messages that there is room for.
///
/// # Errors
/// 429 `M_LIMIT_EXCEEDED` when there is no room for one of them at a device that is read: it has room again soon.
fn drop_what_nobody_reads(
    envelopes: &mut Vec<Envelope>,
    sender: &UserId,
    event_type: &str,
    context: &Context<'_>,
) -> Result<(), Rejection> {
    let mut all = std::mem::take(envelopes).into_iter();
    all.try_for_each(|envelope| {
        if has_room(&envelope, sender, event_type, context.lookup)? {
            envelopes.push(envelope);
        } else if is_read(&envelope, context)? {
            return Err(full(&envelope));
        }
        Ok(())
    })
}

fn has_room(envelope: &Envelope, sender: &UserId, event_type: &str, lookup: &dyn Lookup) -> Result<bool, Rejection> {
    let Envelope { user_id, device_id, content } = envelope;
    let message = Waiting::one(content.json().get().len(), event_type);
    Ok(lookup.inbox_fill(user_id, device_id, sender)?.has_room_for(message, sender == user_id))
}

/// Whether a device fetches its messages: none has waited for too long.
fn is_read(envelope: &Envelope, context: &Context<'_>) -> Result<bool, Rejection> {
    let oldest_ms = context.lookup.inbox_oldest_ms(&envelope.user_id, &envelope.device_id)?;
    let now_ms = u64::from(context.now.get());
    Ok(oldest_ms.is_none_or(|oldest_ms| now_ms.saturating_sub(oldest_ms) < UNREAD_MS_MAX))
}

fn full(Envelope { user_id, device_id, .. }: &Envelope) -> Rejection {
    let mut data = LimitExceededErrorData::new();
    data.retry_after = Some(RetryAfter::Delay(RETRY_AFTER));
    let message =
        format!("Device {device_id} of {user_id} has no room for more until it fetches what waits. Nothing was sent.");
    Rejection::new(429, ErrorKind::LimitExceeded(data), message)
}
