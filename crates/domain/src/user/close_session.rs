//! Closes sessions, and with each its device (spec: `POST /logout`, `POST /logout/all`, `DELETE /devices/{deviceId}`).

use ruma::{OwnedDeviceId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{UserState, open_session::closed};
use crate::{Command, Context, Decision, Rejection};

/// Fact `session.closed`, version 1: the tokens, keys and waiting messages of the device are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClosed {
    /// The device.
    pub device_id: OwnedDeviceId,
    /// The account.
    pub user_id: OwnedUserId,
}

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
