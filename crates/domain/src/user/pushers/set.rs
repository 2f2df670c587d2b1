//! Sets or removes a pusher (spec: `POST /pushers/set`).

use ruma::{OwnedDeviceId, OwnedUserId};
use serde_json::value::RawValue;

use super::{PUSHERS_MAX, PusherRemoved, PusherSet};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// The largest pusher.
pub const PUSHER_BYTES_MAX: usize = 16_384;
/// The longest app id (spec: `POST /pushers/set`).
const APP_ID_BYTES_MAX: usize = 64;
/// The longest push key (spec: `POST /pushers/set`).
const PUSHKEY_BYTES_MAX: usize = 512;

/// Sets or removes a pusher.
#[derive(Clone, Debug)]
pub struct SetPusher {
    /// Whose pusher.
    pub user_id: OwnedUserId,
    /// The session that asks.
    pub device_id: OwnedDeviceId,
    /// The application.
    pub app_id: String,
    /// The address within it.
    pub pushkey: String,
    /// The pusher; none to remove it.
    pub pusher: Option<Box<RawValue>>,
}

impl Command for SetPusher {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        if self.app_id.is_empty() || self.app_id.len() > APP_ID_BYTES_MAX {
            return Err(Rejection::invalid_param("An app id has 1 to 64 bytes."));
        }
        if self.pushkey.is_empty() || self.pushkey.len() > PUSHKEY_BYTES_MAX {
            return Err(Rejection::invalid_param("A push key has 1 to 512 bytes."));
        }
        let key = (self.app_id, self.pushkey);
        let known = state.pushers.pushers.get(&key);
        let fact = match self.pusher {
            Some(pusher) if pusher.get().len() > PUSHER_BYTES_MAX => {
                return Err(Rejection::too_large("A pusher has at most 16,384 bytes."));
            }
            Some(_) if known.is_none() && state.pushers.pushers.len() >= PUSHERS_MAX => {
                return Err(Rejection::forbidden("The account has as many pushers as it may have."));
            }
            Some(pusher) => {
                if known.is_some_and(|(device_id, old)| *device_id == self.device_id && old.get() == pusher.get()) {
                    return Ok(Decision::AlreadyDone(()));
                }
                let (app_id, pushkey) = key;
                Fact::PusherSet(PusherSet { user_id, device_id: self.device_id, app_id, pushkey, pusher })
            }
            None if known.is_none() => return Ok(Decision::AlreadyDone(())),
            None => Fact::PusherRemoved(PusherRemoved { user_id, app_id: key.0, pushkey: key.1 }),
        };
        Ok(Decision::accept([fact], ()))
    }
}
