//! Closes sessions, and with each its device (spec: `POST /logout`, `POST /logout/all`, `DELETE /devices/{deviceId}`).

use ruma::{OwnedDeviceId, OwnedUserId, UserId};

use super::{UserState, facts::SessionClosed};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Which sessions to close.
#[derive(Clone, Debug)]
pub enum WhichSessions {
    /// These. Unknown ones are passed over.
    These(Vec<OwnedDeviceId>),
    /// All of the account.
    All,
    /// All but this one.
    AllBut(OwnedDeviceId),
}

/// Closes sessions.
#[derive(Clone, Debug)]
pub struct CloseSessions {
    /// Whose sessions.
    pub user_id: OwnedUserId,
    /// Which.
    pub which: WhichSessions,
}

impl Command for CloseSessions {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?;
        let is_meant = |id: &OwnedDeviceId| match &self.which {
            WhichSessions::These(ids) => ids.contains(id),
            WhichSessions::All => true,
            WhichSessions::AllBut(kept) => id != kept,
        };
        let facts: Vec<_> = state.devices.ids().filter(|id| is_meant(id)).map(|id| closed(user_id, id)).collect();
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        Ok(Decision::accept(facts, ()))
    }
}

/// The fact that a session is closed.
pub(super) fn closed(user_id: &UserId, device_id: &OwnedDeviceId) -> Fact {
    Fact::SessionClosed(SessionClosed { user_id: user_id.to_owned(), device_id: device_id.clone() })
}
