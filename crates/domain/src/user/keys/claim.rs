//! Gives out one-time keys of one person's devices (spec: `POST /keys/claim`).

use std::collections::BTreeMap;

use ruma::{CanonicalJsonValue, OwnedDeviceId, OwnedUserId};

use super::{CLAIMED_DEVICES_MAX, FallbackKeysUsed, OneTimeKeysClaimed};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// The key for each device that has one: its id and the signed key.
pub type ClaimedKeys = BTreeMap<OwnedDeviceId, (String, CanonicalJsonValue)>;

/// Claims a key of each of some devices of one person. It is decided on the owner's lane, one claim after the other, so
/// that no two callers get the same one-time key.
#[derive(Clone, Debug)]
pub struct ClaimKeys {
    /// Whose keys.
    pub owner: OwnedUserId,
    /// The algorithm for each device.
    pub devices: BTreeMap<OwnedDeviceId, String>,
}

impl Command for ClaimKeys {
    type On = UserState;
    type Reply = ClaimedKeys;

    fn key(&self) -> OwnedUserId {
        self.owner.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<ClaimedKeys>, Rejection> {
        if self.devices.len() > CLAIMED_DEVICES_MAX {
            return Err(Rejection::invalid_param("Keys of at most 500 devices of one person can be claimed at once."));
        }
        let mut reply = ClaimedKeys::new();
        let (mut claimed, mut used) = (BTreeMap::new(), BTreeMap::new());
        for (device_id, algorithm) in self.devices {
            if let Some(next) = state.keys.next_one_time_key(&device_id, &algorithm) {
                claimed.insert(device_id.clone(), next.id.clone());
                reply.insert(device_id, (next.id.clone(), next.key.clone()));
            } else if let Some(fallback) = state.keys.fallback_key(&device_id, &algorithm) {
                if !fallback.used {
                    used.insert(device_id.clone(), fallback.id.clone());
                }
                reply.insert(device_id, (fallback.id.clone(), fallback.key.clone()));
            }
        }
        let mut facts = Vec::new();
        if !claimed.is_empty() {
            facts.push(Fact::OneTimeKeysClaimed(OneTimeKeysClaimed { user_id: self.owner.clone(), keys: claimed }));
        }
        if !used.is_empty() {
            facts.push(Fact::FallbackKeysUsed(FallbackKeysUsed { user_id: self.owner.clone(), keys: used }));
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(reply));
        }
        Ok(Decision::accept(facts, reply))
    }
}
