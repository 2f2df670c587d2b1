//! Sends messages to devices (spec: `PUT /sendToDevice/{eventType}/{txnId}`).

use ruma::{OwnedDeviceId, OwnedUserId, events::AnyToDeviceEventContent, serde::Raw};

use super::{CONTENT_BYTES_MAX, InboxMessage, NAME_BYTES_MAX, RECIPIENTS_MAX, ToDeviceKey, ToDeviceSent};
use crate::{Command, Context, Decision, Fact, Rejection, Stream, user::UserState};

/// Bytes of the content for all recipients together: half of what a unit of the log may hold.
const TOTAL_BYTES_MAX: usize = 8 << 20;

/// One message to one device.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Who receives it.
    pub user_id: OwnedUserId,
    /// Which device receives it.
    pub device_id: OwnedDeviceId,
    /// The event's content.
    pub content: Raw<AnyToDeviceEventContent>,
}

/// Sends messages of one type to devices, once for each transaction id. `*` has been replaced by the devices there are.
#[derive(Clone, Debug)]
pub struct SendToDevice {
    /// Who sends.
    pub sender: OwnedUserId,
    /// Makes a repeated request harmless; names the sending device and the event's type.
    pub key: ToDeviceKey,
    /// The messages.
    pub envelopes: Vec<Envelope>,
}

impl Command for SendToDevice {
    type State = UserState;
    type Reply = ();

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        self.check()?;
        if self.envelopes.is_empty() || state.sending.is_sent(&self.key) {
            return Ok(Decision::AlreadyDone(()));
        }
        let Self { sender, key, envelopes } = self;
        let event_type = key.event_type.clone();
        let mut facts = Vec::with_capacity(envelopes.len() + 1);
        facts.push((Stream::User(sender.clone()), Fact::ToDeviceSent(ToDeviceSent { key })));
        facts.extend(envelopes.into_iter().map(|Envelope { user_id, device_id, content }| {
            let (sender, event_type) = (sender.clone(), event_type.clone());
            let stream = Stream::Inbox(user_id.clone());
            (stream, Fact::InboxMessage(InboxMessage { user_id, device_id, sender, event_type, content }))
        }));
        Ok(Decision::Accept { facts, reply: () })
    }
}

impl SendToDevice {
    fn check(&self) -> Result<(), Rejection> {
        if self.key.event_type.len() > NAME_BYTES_MAX || self.key.transaction_id.as_str().len() > NAME_BYTES_MAX {
            return Err(Rejection::invalid_param("An event type and a transaction id have at most 255 bytes."));
        }
        if self.envelopes.len() > RECIPIENTS_MAX {
            return Err(Rejection::too_large("One request reaches at most 999 devices. Split it up."));
        }
        let sizes = self.envelopes.iter().map(|envelope| envelope.content.json().get().len());
        if sizes.clone().any(|size| size > CONTENT_BYTES_MAX) || sizes.sum::<usize>() > TOTAL_BYTES_MAX {
            return Err(Rejection::too_large("A message to a device has at most 64 KiB, a request 8 MiB."));
        }
        if self.envelopes.iter().any(|envelope| !envelope.content.json().get().starts_with('{')) {
            return Err(Rejection::bad_json("The content of a message to a device is an object."));
        }
        Ok(())
    }
}
