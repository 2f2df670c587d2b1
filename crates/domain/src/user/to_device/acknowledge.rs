//! Forgets messages that a device has received (spec: "Send-to-device messaging", server behaviour).

use ruma::{OwnedDeviceId, OwnedUserId};

use super::{ACKNOWLEDGED_MAX, InboxAcknowledged};
use crate::{Command, Context, Decision, Fact, Rejection, Stream, user::UserState};

/// Forgets messages that a device has received, as it shows by syncing with a token from after them.
///
/// The caller names what waits, from the `inbox` view, and does not submit this when nothing does. That two syncs name
/// the same messages is harmless: the second one finds nothing to delete.
#[derive(Clone, Debug)]
pub struct AcknowledgeInbox {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// Log positions of the messages.
    pub positions: Vec<u64>,
}

impl Command for AcknowledgeInbox {
    type State = UserState;
    type Reply = ();

    fn decide(self, _: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { user_id, device_id, mut positions } = self;
        positions.truncate(ACKNOWLEDGED_MAX);
        if positions.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        let stream = Stream::Inbox(user_id.clone());
        let fact = InboxAcknowledged { user_id, device_id, positions };
        Ok(Decision::accept(&stream, [Fact::InboxAcknowledged(fact)], ()))
    }
}
