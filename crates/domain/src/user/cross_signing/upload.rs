//! Sets cross-signing keys (spec: `POST /keys/device_signing/upload`).

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedUserId, UserId, api::error::ErrorKind};

use super::{CrossSigningKeysUploaded, CrossSigningState};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{
        UserState,
        keys::{Ed25519PublicKey, KEY_BYTES_MAX, KeyState, ed25519_key, invalid_signature, is_signed_by, json_bytes},
    },
};

/// Sets any of the three cross-signing keys.
#[derive(Clone, Debug)]
pub struct UploadCrossSigningKeys {
    /// Whose keys.
    pub user_id: OwnedUserId,
    /// Signs the other two.
    pub master: Option<CanonicalJsonObject>,
    /// Signs the person's own devices.
    pub self_signing: Option<CanonicalJsonObject>,
    /// Signs the master keys of other people.
    pub user_signing: Option<CanonicalJsonObject>,
    /// The person proved again who they are. Needed to replace keys, because whoever replaces them can pose as all of
    /// the person's devices.
    pub is_authenticated: bool,
}

impl Command for UploadCrossSigningKeys {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let current = &state.cross_signing;
        let Self { user_id, master, self_signing, user_signing, is_authenticated } = self;
        let given = [master.as_ref(), self_signing.as_ref(), user_signing.as_ref()];
        if is_unchanged(given, [current.master.as_ref(), current.self_signing.as_ref(), current.user_signing.as_ref()]) {
            return Ok(Decision::AlreadyDone(()));
        }
        if current.master.is_some() && !is_authenticated {
            return Err(Rejection::forbidden("To replace cross-signing keys you must prove again who you are."));
        }
        let master = master.map(|key| checked_master(key, &user_id, &state.keys)).transpose()?;
        let signed = |key: CanonicalJsonObject, usage| checked_subkey(key, usage, &user_id, master.as_ref(), current);
        let self_signing = self_signing.map(|key| signed(key, "self_signing")).transpose()?;
        let user_signing = user_signing.map(|key| signed(key, "user_signing")).transpose()?;
        let fact = CrossSigningKeysUploaded { user_id, master, self_signing, user_signing };
        Ok(Decision::accept([Fact::CrossSigningKeysUploaded(fact)], ()))
    }
}

/// Whether the endpoint must ask for user-interactive authentication first (spec since 1.11, from MSC3967): not for the
/// first keys, nor for those that are already there. Both lists are master, self-signing, user-signing.
#[must_use]
pub fn needs_authentication(given: [Option<&CanonicalJsonObject>; 3], current: [Option<&CanonicalJsonObject>; 3]) -> bool {
    current[0].is_some() && !is_unchanged(given, current)
}

fn is_unchanged(given: [Option<&CanonicalJsonObject>; 3], current: [Option<&CanonicalJsonObject>; 3]) -> bool {
    let public = |key: Option<&CanonicalJsonObject>| key.and_then(|key| key.get("keys")).cloned();
    given.into_iter().zip(current).all(|(given, current)| given.is_none() || public(given) == public(current))
        && current[0].is_some()
}

/// The id and public key of a cross-signing key, which must be the only one in its object.
pub(super) fn only_key(object: &CanonicalJsonObject) -> Option<(&str, Ed25519PublicKey)> {
    let keys = object.get("keys")?.as_object()?;
    let (id, public) = keys.iter().next().filter(|_| keys.len() == 1)?;
    let is_its_own_name = id.strip_prefix("ed25519:") == public.as_str();
    ed25519_key(object, id).filter(|_| is_its_own_name).map(|key| (id.as_str(), key))
}

fn check_shape(object: &CanonicalJsonObject, usage: &str, user_id: &UserId) -> Result<(), Rejection> {
    if json_bytes(object) > KEY_BYTES_MAX {
        return Err(Rejection::too_large("A key with its signatures has at most 16 KiB."));
    }
    if object.get("user_id").and_then(CanonicalJsonValue::as_str) != Some(user_id.as_str()) {
        return Err(Rejection::invalid_param("A cross-signing key belongs to another user."));
    }
    let usages = object.get("usage").and_then(CanonicalJsonValue::as_array);
    if !usages.is_some_and(|usages| usages.len() == 1 && usages[0].as_str() == Some(usage)) {
        return Err(Rejection::invalid_param("A cross-signing key does not say what it is for."));
    }
    if only_key(object).is_none() {
        return Err(Rejection::invalid_param("A cross-signing key has one Ed25519 key, named after itself."));
    }
    Ok(())
}

/// A master key may be signed by devices of its owner. Signatures that cannot be checked here are left out.
fn checked_master(
    mut object: CanonicalJsonObject,
    user_id: &UserId,
    devices: &KeyState,
) -> Result<CanonicalJsonObject, Rejection> {
    check_shape(&object, "master", user_id)?;
    let mut checked = ruma::CanonicalJsonObject::new();
    for (key_id, signature) in signatures_of(&object, user_id) {
        let device = key_id.strip_prefix("ed25519:").and_then(|id| devices.identity(id.into()));
        let Some(key) = device.and_then(|device| ed25519_key(device, key_id)) else { continue };
        if !is_signed_by(&object, user_id, key_id, key) {
            return Err(invalid_signature("The signature of a device on the master key is wrong."));
        }
        checked.insert(key_id.to_owned(), signature.clone());
    }
    set_signatures(&mut object, user_id, checked);
    Ok(object)
}

/// A self-signing or user-signing key must be signed by the master key, the new one when there is one.
fn checked_subkey(
    mut object: CanonicalJsonObject,
    usage: &str,
    user_id: &UserId,
    new_master: Option<&CanonicalJsonObject>,
    current: &CrossSigningState,
) -> Result<CanonicalJsonObject, Rejection> {
    check_shape(&object, usage, user_id)?;
    let master = new_master.or(current.master.as_ref());
    let (key_id, key) = master.and_then(only_key).ok_or_else(|| {
        Rejection::new(400, ErrorKind::MissingParam, "There is no master key to sign this key. Upload one with it.")
    })?;
    if !is_signed_by(&object, user_id, key_id, key) {
        return Err(invalid_signature("A cross-signing key is not signed by the master key."));
    }
    let signature = signatures_of(&object, user_id).find(|(id, _)| *id == key_id);
    let kept = signature.map(|(id, signature)| (id.to_owned(), signature.clone())).into_iter().collect();
    set_signatures(&mut object, user_id, kept);
    Ok(object)
}

/// The signatures of one person on an object, by key id.
pub(super) fn signatures_of<'a>(
    object: &'a CanonicalJsonObject,
    user_id: &UserId,
) -> impl Iterator<Item = (&'a str, &'a CanonicalJsonValue)> {
    let by_key = object.get("signatures").and_then(|all| all.as_object()?.get(user_id.as_str())?.as_object());
    by_key.into_iter().flatten().map(|(id, signature)| (id.as_str(), signature))
}

fn set_signatures(object: &mut CanonicalJsonObject, user_id: &UserId, by_key: CanonicalJsonObject) {
    object.remove("unsigned");
    let by_user = [(user_id.to_string(), CanonicalJsonValue::Object(by_key))].into_iter().collect();
    object.insert("signatures".to_owned(), CanonicalJsonValue::Object(by_user));
}
