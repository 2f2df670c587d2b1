//! How much may wait for one device: a share of each sender, and an end to what all of them have there.

use serde::{Deserialize, Serialize};

/// Bytes of the messages that may wait for a device from one sender.
pub const SENDER_BYTES_MAX: usize = 4 << 20;
/// How many of them.
pub const SENDER_MESSAGES_MAX: usize = 2_000;
/// Bytes of the messages that may wait for a device from everybody but its owner.
pub const OTHERS_BYTES_MAX: usize = 32 << 20;
/// How many of them.
pub const OTHERS_MESSAGES_MAX: usize = 20_000;
/// Bytes of the messages that a sender may have waiting whatever others have there: nobody is cut off from a device by a crowd.
pub const LEAST_BYTES_MAX: usize = 256 << 10;
/// How many of them.
pub const LEAST_MESSAGES_MAX: usize = 100;
/// A device whose oldest message has waited for so long is read by nobody, milliseconds: one day.
pub const UNREAD_MS_MAX: u64 = 86_400_000;

/// Messages that wait, or one that is to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Of their contents and types.
    pub bytes: u64,
    /// How many.
    pub messages: u64,
}

impl Waiting {
    /// One message with a content of `content_bytes`.
    #[must_use]
    pub const fn one(content_bytes: usize, event_type: &str) -> Self {
        Self { bytes: content_bytes as u64 + event_type.len() as u64, messages: 1 }
    }

    /// With some more.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        let bytes = self.bytes.saturating_add(more.bytes);
        Self { bytes, messages: self.messages.saturating_add(more.messages) }
    }

    /// Without some of them.
    #[must_use]
    pub const fn minus(self, some: Self) -> Self {
        let bytes = self.bytes.saturating_sub(some.bytes);
        Self { bytes, messages: self.messages.saturating_sub(some.messages) }
    }

    const fn is_within(self, bytes: usize, messages: usize) -> bool {
        self.bytes <= bytes as u64 && self.messages <= messages as u64
    }
}

/// What waits for a device, as one sender has to know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxFill {
    /// From the sender.
    pub of_sender: Waiting,
    /// From everybody but the device's owner, the sender included.
    pub of_others: Waiting,
}

impl InboxFill {
    /// Whether there is room for one message more. What the owner's own devices send is counted apart, so that no stranger takes
    /// their room.
    pub(super) const fn has_room_for(self, message: Waiting, is_own: bool) -> bool {
        let of_sender = self.of_sender.plus(message);
        let is_least = of_sender.is_within(LEAST_BYTES_MAX, LEAST_MESSAGES_MAX);
        let all_fit = is_own || self.of_others.plus(message).is_within(OTHERS_BYTES_MAX, OTHERS_MESSAGES_MAX);
        is_least || (all_fit && of_sender.is_within(SENDER_BYTES_MAX, SENDER_MESSAGES_MAX))
    }
}
