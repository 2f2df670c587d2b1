//! Where a person's clients want to be told of news while they sleep (spec: "Pushers"). Kept, not yet sent to.

use std::collections::BTreeMap;

use ruma::{OwnedDeviceId, OwnedUserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::UserState;
use crate::{Command, Context, Decision, Fact, Rejection};

/// How many pushers one account may have.
pub const PUSHERS_MAX: usize = 100;
/// The largest pusher.
const PUSHER_BYTES_MAX: usize = 16_384;
/// The longest app id (spec: `POST /pushers/set`).
const APP_ID_BYTES_MAX: usize = 64;
/// The longest push key (spec: `POST /pushers/set`).
const PUSHKEY_BYTES_MAX: usize = 512;

/// Fact `pusher.set`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PusherSet {
    /// The application.
    pub app_id: String,
    /// The session that set it; the pusher ends with it.
    pub device_id: OwnedDeviceId,
    /// The pusher as the specification has it.
    pub pusher: Box<RawValue>,
    /// The address within it.
    pub pushkey: String,
    /// Whose pusher.
    pub user_id: OwnedUserId,
}

/// Fact `pusher.removed`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PusherRemoved {
    /// The application.
    pub app_id: String,
    /// The address within it.
    pub pushkey: String,
    /// Whose pusher.
    pub user_id: OwnedUserId,
}

/// A person's pushers by application and push key, with the session that each belongs to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct PusherState {
    #[serde(with = "crate::pairs")]
    pushers: BTreeMap<(String, String), (OwnedDeviceId, Box<RawValue>)>,
}

impl PusherState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::PusherSet(fact) => {
                let key = (fact.app_id.clone(), fact.pushkey.clone());
                self.pushers.insert(key, (fact.device_id.clone(), fact.pusher.clone()));
            }
            Fact::PusherRemoved(fact) => {
                self.pushers.remove(&(fact.app_id.clone(), fact.pushkey.clone()));
            }
            Fact::SessionClosed(fact) => self.pushers.retain(|_, (device_id, _)| *device_id != fact.device_id),
            _ => {}
        }
    }
}

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
