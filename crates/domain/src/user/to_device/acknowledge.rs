//! Forgets messages that a device has received (spec: "Send-to-device messaging", server behaviour).

use ruma::{OwnedDeviceId, OwnedUserId};

use super::{ACKNOWLEDGED_MAX, InboxAcknowledged};
use crate::{Command, Context, Decision, Fact, NewFact, Rejection, Stream, user::UserState};

/// Forgets messages that a device has received, as it shows by syncing with a token from after them.
///
/// A caller that finds nothing waiting in the `inbox` view need not submit this.
#[derive(Clone, Debug)]
pub struct AcknowledgeInbox {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// The device has received what stands in the log at or before this position.
    pub until: u64,
}

impl Command for AcknowledgeInbox {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, _: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { user_id, device_id, until } = self;
        let positions = context.lookup.inbox(&user_id, &device_id, until, ACKNOWLEDGED_MAX)?;
        if positions.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        let stream = Stream::Inbox(user_id.clone());
        let fact = InboxAcknowledged { user_id, device_id, positions };
        Ok(Decision::Accept { facts: vec![NewFact::Of(stream, Fact::InboxAcknowledged(fact))], reply: () })
    }
}
