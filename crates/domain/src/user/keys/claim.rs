//! Gives out one-time keys of one person's devices (spec: `POST /keys/claim`).

use std::collections::{BTreeMap, BTreeSet};

use ruma::{CanonicalJsonValue, OwnedDeviceId, OwnedUserId};

use super::{CLAIMED_DEVICES_MAX, FallbackKeysUsed, OneTimeKeysClaimed};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// Keys in one fact. A device id and a key id have 1,530 bytes each at most when every byte is escaped, a record's payload
/// has 1 MiB.
const KEYS_PER_FACT_MAX: usize = 250;

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
    /// Those among them that give only their fallback key, if they have one.
    pub fallback_only: BTreeSet<OwnedDeviceId>,
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
            let may_have_next = !self.fallback_only.contains(&device_id);
            if let Some(next) = state.keys.next_one_time_key(&device_id, &algorithm).filter(|_| may_have_next) {
                claimed.insert(device_id.clone(), next.id.clone());
                reply.insert(device_id, (next.id.clone(), next.key.clone()));
            } else if let Some(fallback) = state.keys.fallback_key(&device_id, &algorithm) {
                if !fallback.used {
                    used.insert(device_id.clone(), fallback.id.clone());
                }
                reply.insert(device_id, (fallback.id.clone(), fallback.key.clone()));
            }
        }
        let owner = || self.owner.clone();
        let claimed = split(claimed).map(|keys| Fact::OneTimeKeysClaimed(OneTimeKeysClaimed { user_id: owner(), keys }));
        let used = split(used).map(|keys| Fact::FallbackKeysUsed(FallbackKeysUsed { user_id: owner(), keys }));
        let facts: Vec<_> = claimed.chain(used).collect();
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(reply));
        }
        Ok(Decision::accept(facts, reply))
    }
}

/// Parts that each fit into a record; none of nothing.
fn split(keys: BTreeMap<OwnedDeviceId, String>) -> impl Iterator<Item = BTreeMap<OwnedDeviceId, String>> {
    let mut keys = keys.into_iter();
    std::iter::from_fn(move || {
        Some(keys.by_ref().take(KEYS_PER_FACT_MAX).collect()).filter(|part: &BTreeMap<_, _>| !part.is_empty())
    })
}
