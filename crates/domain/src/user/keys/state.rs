//! What a person's lane knows of device keys. Not what queries read: that is the `keys` view.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ruma::{CanonicalJsonObject, CanonicalJsonValue, DeviceId, OwnedDeviceId};
use serde::{Deserialize, Serialize};

use super::{KEYS_TOTAL_BYTES_MAX, algorithm_of, json_bytes};
use crate::{Fact, Rejection, short_digest::ShortDigest};

/// Keys of all devices of one person.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct KeyState {
    devices: BTreeMap<OwnedDeviceId, Device>,
    /// Digests of one-time keys that were given out or dropped at the start of an epoch. A device that uploads such a
    /// key again, because its client was set back, must not have it given out again. 16 bytes a key, kept for good.
    spent: BTreeSet<ShortDigest>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Device {
    identity: Option<CanonicalJsonObject>,
    /// Of the JSON of the identity keys.
    identity_bytes: usize,
    /// By algorithm, in the order in which they were uploaded, which is the order in which they are given out.
    one_time: BTreeMap<String, VecDeque<OneTimeKey>>,
    /// By algorithm.
    fallback: BTreeMap<String, FallbackKey>,
}

impl Device {
    /// Bytes of all its keys, as JSON.
    fn bytes(&self) -> usize {
        self.identity_bytes + self.waiting_bytes()
    }

    /// Bytes of its one-time and fallback keys.
    fn waiting_bytes(&self) -> usize {
        let one_time = self.one_time.values().flatten().map(|key| key.bytes);
        one_time.chain(self.fallback.values().map(|key| key.bytes)).sum()
    }
}

/// A key that waits to be claimed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OneTimeKey {
    pub(super) id: String,
    pub(super) key: CanonicalJsonValue,
    /// Of the key's JSON.
    bytes: usize,
}

/// The key that is given out when no one-time key is left.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FallbackKey {
    pub(super) id: String,
    pub(super) key: CanonicalJsonValue,
    pub(super) used: bool,
    /// Of the key's JSON.
    bytes: usize,
}

impl KeyState {
    /// Refuses `added_bytes` more for a device that go over the budget of all devices. `is_reset` when the keys that it has waiting
    /// are about to be dropped.
    ///
    /// # Errors
    /// 413 `M_TOO_LARGE`.
    pub(super) fn check_budget(&self, device_id: &DeviceId, is_reset: bool, added_bytes: usize) -> Result<(), Rejection> {
        let dropped = self.devices.get(device_id).filter(|_| is_reset).map_or(0, Device::waiting_bytes);
        let kept = self.devices.values().map(Device::bytes).sum::<usize>() - dropped;
        if added_bytes > 0 && kept + added_bytes > KEYS_TOTAL_BYTES_MAX {
            return Err(Rejection::too_large(
                "The keys of all devices of an account have at most 16 MiB. Log out some devices.",
            ));
        }
        Ok(())
    }

    /// The identity keys of a device, as uploaded.
    #[must_use]
    pub fn identity(&self, device_id: &DeviceId) -> Option<&CanonicalJsonObject> {
        self.devices.get(device_id)?.identity.as_ref()
    }

    /// How many one-time keys a device has left, by algorithm; algorithms that had keys before are there with 0.
    #[must_use]
    pub fn one_time_key_counts(&self, device_id: &DeviceId) -> BTreeMap<String, usize> {
        let Some(device) = self.devices.get(device_id) else { return BTreeMap::new() };
        device.one_time.iter().map(|(algorithm, keys)| (algorithm.clone(), keys.len())).collect()
    }

    /// The keys that the server neither has nor ever had. `is_reset` when those that wait are about to be dropped.
    ///
    /// # Errors
    /// 400 `M_INVALID_PARAM` for an id that waits with another key: which of the two a peer used could not be told any
    /// more.
    pub(super) fn fresh_keys(
        &self,
        keys: BTreeMap<String, CanonicalJsonValue>,
        device_id: &DeviceId,
        is_reset: bool,
    ) -> Result<BTreeMap<String, CanonicalJsonValue>, Rejection> {
        let waiting = self.devices.get(device_id).filter(|_| !is_reset).into_iter().flat_map(|device| &device.one_time);
        let waiting: Vec<&OneTimeKey> = waiting.flat_map(|(_, keys)| keys).collect();
        let by_id: BTreeMap<&str, &CanonicalJsonValue> = waiting.iter().map(|key| (key.id.as_str(), &key.key)).collect();
        // One key under two ids would be given out twice.
        let mut known: BTreeSet<ShortDigest> = waiting.iter().map(|key| digest(&key.key)).collect();
        let mut fresh = BTreeMap::new();
        for (id, key) in keys {
            match by_id.get(id.as_str()) {
                Some(same) if **same == key => {}
                Some(_) => return Err(Rejection::invalid_param("There is another one-time key with the same id.")),
                None if self.spent.contains(&digest(&key)) || !known.insert(digest(&key)) => {}
                None => drop(fresh.insert(id, key)),
            }
        }
        Ok(fresh)
    }

    pub(super) fn next_one_time_key(&self, device_id: &DeviceId, algorithm: &str) -> Option<&OneTimeKey> {
        self.devices.get(device_id)?.one_time.get(algorithm)?.front()
    }

    pub(super) fn fallback_key(&self, device_id: &DeviceId, algorithm: &str) -> Option<&FallbackKey> {
        self.devices.get(device_id)?.fallback.get(algorithm)
    }

    /// Takes a fact in; those that are not about keys leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::DeviceKeysUploaded(fact) => self.set_identity(&fact.device_id, &fact.keys),
            Fact::OneTimeKeysUploaded(fact) => {
                let device = self.devices.entry(fact.device_id.clone()).or_default();
                for (id, key) in &fact.keys {
                    let waiting = device.one_time.entry(algorithm_of(id).to_owned()).or_default();
                    waiting.push_back(OneTimeKey { id: id.clone(), key: key.clone(), bytes: json_bytes(key) });
                }
            }
            Fact::FallbackKeysUploaded(fact) => {
                let device = self.devices.entry(fact.device_id.clone()).or_default();
                for (id, key) in &fact.keys {
                    let fallback = FallbackKey { id: id.clone(), key: key.clone(), used: false, bytes: json_bytes(key) };
                    device.fallback.insert(algorithm_of(id).to_owned(), fallback);
                }
            }
            Fact::OneTimeKeysClaimed(fact) => {
                for (device_id, key_id) in &fact.keys {
                    self.claim(device_id, key_id);
                }
            }
            Fact::FallbackKeysUsed(fact) => {
                for (device_id, key_id) in &fact.keys {
                    self.use_fallback(device_id, key_id);
                }
            }
            Fact::KeyEpochStarted(_) => self.start_epoch(),
            // What was given out stays remembered.
            Fact::SessionClosed(fact) => {
                self.devices.remove(&fact.device_id);
            }
            Fact::DehydratedDeviceRemoved(fact) => {
                self.devices.remove(&fact.device_id);
            }
            _ => {}
        }
    }

    fn set_identity(&mut self, device_id: &DeviceId, keys: &CanonicalJsonObject) {
        let device = self.devices.entry(device_id.to_owned()).or_default();
        let changed = device.identity.as_ref().is_some_and(|before| before.get("keys") != keys.get("keys"));
        if changed {
            // They were signed by a key that is no longer the device's, so nobody could use them.
            device.one_time.clear();
            device.fallback.clear();
        }
        device.identity_bytes = json_bytes(keys);
        device.identity = Some(keys.clone());
    }

    fn claim(&mut self, device_id: &DeviceId, key_id: &str) {
        let Some(device) = self.devices.get_mut(device_id) else { return };
        let Some(waiting) = device.one_time.get_mut(algorithm_of(key_id)) else { return };
        if let Some(index) = waiting.iter().position(|waiting| waiting.id == key_id)
            && let Some(claimed) = waiting.remove(index)
        {
            self.spent.insert(digest(&claimed.key));
        }
    }

    fn use_fallback(&mut self, device_id: &DeviceId, key_id: &str) {
        let fallback = self.devices.get_mut(device_id).and_then(|device| device.fallback.get_mut(algorithm_of(key_id)));
        if let Some(fallback) = fallback.filter(|fallback| fallback.id == key_id) {
            fallback.used = true;
        }
    }

    fn start_epoch(&mut self) {
        for device in self.devices.values_mut() {
            for waiting in device.one_time.values_mut() {
                self.spent.extend(waiting.drain(..).map(|waiting| digest(&waiting.key)));
            }
        }
    }
}

/// Digest of the public key itself: the id and the signatures around it can change, the key must not come twice.
fn digest(key: &CanonicalJsonValue) -> ShortDigest {
    let public = match key {
        CanonicalJsonValue::Object(object) => object.get("key").unwrap_or(key),
        _ => key,
    };
    ShortDigest::of(public.as_str().unwrap_or_default())
}
