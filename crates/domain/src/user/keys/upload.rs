//! Publishes a device's keys (spec: `POST /keys/upload`).

use std::collections::BTreeMap;

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, DeviceId, OwnedDeviceId, OwnedUserId, UserId,
    api::error::{ErrorKind, UnknownTokenErrorData},
};

use super::{
    DeviceKeysUploaded, Ed25519PublicKey, FALLBACK_KEYS_MAX, FallbackKeysUploaded, KEY_BYTES_MAX, KEY_ID_BYTES_MAX,
    KEYS_PER_UPLOAD_MAX, KeyState, ONE_TIME_KEYS_MAX, OneTimeKeysUploaded, UPLOAD_BYTES_MAX, algorithm_of, ed25519_key,
    invalid_signature, is_curve25519, is_signed_by, json_bytes,
};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// The algorithm of every one-time key that clients use today.
pub const SIGNED_CURVE25519: &str = "signed_curve25519";
/// Public keys in one device's identity, and signatures on it by its owner.
const IDENTITY_KEYS_MAX: usize = 16;

/// How many one-time keys a device has left, by algorithm.
pub type KeyCounts = BTreeMap<String, usize>;

/// Publishes a device's keys: any of identity keys, one-time keys and fallback keys, all or none of them.
#[derive(Clone, Debug)]
pub struct UploadKeys {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// The device that sends the request.
    pub device_id: OwnedDeviceId,
    /// The device's signed identity keys.
    pub identity: Option<CanonicalJsonObject>,
    /// One-time keys by id.
    pub one_time: BTreeMap<String, CanonicalJsonValue>,
    /// Fallback keys by id, one an algorithm.
    pub fallback: BTreeMap<String, CanonicalJsonValue>,
}

impl Command for UploadKeys {
    type On = UserState;
    type Reply = KeyCounts;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<KeyCounts>, Rejection> {
        if state.devices.get(&self.device_id).is_none() {
            let kind = ErrorKind::UnknownToken(UnknownTokenErrorData::new());
            return Err(Rejection::new(401, kind, "This device is logged out."));
        }
        let (facts, counts) = self.into_facts(&state.keys, false)?;
        Ok(if facts.is_empty() { Decision::AlreadyDone(counts) } else { Decision::accept(facts, counts) })
    }
}

impl UploadKeys {
    /// Checks everything and says what follows, without asking whether the device is logged in: a dehydrated device
    /// never is. `is_new_device` when the device of that id is removed first.
    pub(crate) fn into_facts(self, state: &KeyState, is_new_device: bool) -> Result<(Vec<Fact>, KeyCounts), Rejection> {
        let Self { user_id, device_id, identity, one_time, fallback } = self;
        if one_time.len() + fallback.len() > KEYS_PER_UPLOAD_MAX || fallback.len() > FALLBACK_KEYS_MAX {
            return Err(Rejection::invalid_param("One upload has at most 500 keys, of which 8 are fallback keys."));
        }
        let mut facts = Vec::new();
        let identity = identity.map(|keys| checked_identity(keys, &user_id, &device_id)).transpose()?;
        let before = state.identity(&device_id).filter(|_| !is_new_device);
        if let Some(keys) = &identity
            && before != Some(keys)
        {
            let (user_id, device_id, keys) = (user_id.clone(), device_id.clone(), keys.clone());
            facts.push(Fact::DeviceKeysUploaded(DeviceKeysUploaded { user_id, device_id, keys }));
        }
        // Keys that are there were signed by the device's old key. When that one is replaced they go with it.
        let is_changed = identity.as_ref().zip(before).is_some_and(|(new, old)| new.get("keys") != old.get("keys"));
        let is_reset = is_new_device || is_changed;
        let identity = identity.as_ref().or(before);
        let signer = Signer::new(identity, &user_id, &device_id);
        signer.check_all(&one_time)?;
        signer.check_all(&fallback)?;

        let fresh = state.fresh_keys(one_time, &device_id, is_reset)?;
        let mut counts = if is_reset { KeyCounts::new() } else { state.one_time_key_counts(&device_id) };
        counts.entry(SIGNED_CURVE25519.to_owned()).or_default();
        for id in fresh.keys() {
            *counts.entry(algorithm_of(id).to_owned()).or_default() += 1;
        }
        if counts.values().sum::<usize>() > ONE_TIME_KEYS_MAX {
            return Err(Rejection::invalid_param("A device may have at most 500 one-time keys waiting."));
        }
        let new_identity = identity.filter(|_| !facts.is_empty()).map(json_bytes);
        let added_bytes = fresh.values().chain(fallback.values()).map(json_bytes).chain(new_identity).sum();
        state.check_budget(&device_id, is_reset, added_bytes)?;
        if !fresh.is_empty() {
            let (user_id, device_id) = (user_id.clone(), device_id.clone());
            facts.push(Fact::OneTimeKeysUploaded(OneTimeKeysUploaded { user_id, device_id, keys: fresh }));
        }
        let keys: BTreeMap<_, _> =
            fallback.into_iter().filter(|(id, key)| is_reset || !is_current_fallback(state, &device_id, id, key)).collect();
        if !keys.is_empty() {
            facts.push(Fact::FallbackKeysUploaded(FallbackKeysUploaded { user_id, device_id, keys }));
        }
        Ok((facts, counts))
    }
}

fn is_current_fallback(state: &KeyState, device_id: &DeviceId, id: &str, key: &CanonicalJsonValue) -> bool {
    state.fallback_key(device_id, algorithm_of(id)).is_some_and(|current| current.id == id && current.key == *key)
}

/// The device whose signature one-time and fallback keys must carry.
struct Signer<'a> {
    key: Option<Ed25519PublicKey>,
    key_id: String,
    user_id: &'a UserId,
}

impl<'a> Signer<'a> {
    fn new(identity: Option<&CanonicalJsonObject>, user_id: &'a UserId, device_id: &DeviceId) -> Self {
        let key_id = format!("ed25519:{device_id}");
        Self { key: identity.and_then(|identity| ed25519_key(identity, &key_id)), key_id, user_id }
    }

    fn check_all(&self, keys: &BTreeMap<String, CanonicalJsonValue>) -> Result<(), Rejection> {
        if keys.is_empty() {
            return Ok(());
        }
        if keys.values().any(|key| json_bytes(key) > KEY_BYTES_MAX) || json_bytes(keys) > UPLOAD_BYTES_MAX {
            return Err(Rejection::too_large("A key with its signatures has at most 16 KiB, those of one upload 512 KiB."));
        }
        let key = self.key.ok_or_else(|| Rejection::invalid_param("Upload the device's identity keys first."))?;
        keys.iter().try_for_each(|(id, value)| self.check(id, value, key))
    }

    fn check(&self, id: &str, value: &CanonicalJsonValue, key: Ed25519PublicKey) -> Result<(), Rejection> {
        if id.len() > KEY_ID_BYTES_MAX || algorithm_of(id) != SIGNED_CURVE25519 || id.len() <= SIGNED_CURVE25519.len() + 1 {
            return Err(Rejection::invalid_param("The id of a one-time key is signed_curve25519:… with up to 255 bytes."));
        }
        let object = value.as_object().ok_or_else(|| Rejection::bad_json("A one-time key is not an object."))?;
        let public = object.get("key").and_then(CanonicalJsonValue::as_str);
        if !public.is_some_and(is_curve25519) {
            return Err(Rejection::invalid_param("A one-time key is not a Curve25519 key in base64."));
        }
        if is_signed_by(object, self.user_id, &self.key_id, key) {
            return Ok(());
        }
        Err(invalid_signature("A one-time key is not signed by its device."))
    }
}

/// Checks a device's identity keys (spec: "Device keys") and leaves out what others must not see or could not check:
/// `unsigned`, and signatures of other people.
fn checked_identity(
    mut keys: CanonicalJsonObject,
    user_id: &UserId,
    device_id: &DeviceId,
) -> Result<CanonicalJsonObject, Rejection> {
    let is_text = |name: &str, expected: &str| keys.get(name).and_then(CanonicalJsonValue::as_str) == Some(expected);
    if !is_text("user_id", user_id.as_str()) || !is_text("device_id", device_id.as_str()) {
        return Err(Rejection::invalid_param("The keys belong to another user or another device."));
    }
    if !keys.get("algorithms").and_then(CanonicalJsonValue::as_array).is_some_and(|list| list.iter().all(is_string)) {
        return Err(Rejection::bad_json("The list of algorithms is missing."));
    }
    let public = keys.get("keys").and_then(CanonicalJsonValue::as_object);
    let public = public.ok_or_else(|| Rejection::bad_json("The device's public keys are missing."))?;
    if public.len() > IDENTITY_KEYS_MAX || !public.values().all(is_string) {
        return Err(Rejection::invalid_param("A device has at most 16 public keys, all of them strings."));
    }
    let curve25519 = public.get(&format!("curve25519:{device_id}")).and_then(CanonicalJsonValue::as_str);
    if !curve25519.is_some_and(is_curve25519) {
        return Err(Rejection::invalid_param("The device's Curve25519 key is missing or no such key."));
    }
    let key_id = format!("ed25519:{device_id}");
    let ed25519 = ed25519_key(&keys, &key_id)
        .ok_or_else(|| Rejection::invalid_param("The device's Ed25519 key is missing or no such key."))?;
    if !is_signed_by(&keys, user_id, &key_id, ed25519) {
        return Err(invalid_signature("The device's keys are not signed by the device."));
    }
    keys.remove("unsigned");
    if let Some(CanonicalJsonValue::Object(signatures)) = keys.get_mut("signatures") {
        signatures.retain(|signer, _| signer == user_id.as_str());
    }
    if json_bytes(&keys) > KEY_BYTES_MAX {
        return Err(Rejection::too_large("A device's keys with their signatures have at most 16 KiB."));
    }
    Ok(keys)
}

fn is_string(value: &CanonicalJsonValue) -> bool {
    value.as_str().is_some()
}
