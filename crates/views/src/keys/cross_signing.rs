//! Cross-signing keys and the signatures that were added to keys after their upload.

use std::ops::ControlFlow;

use domain::user::cross_signing::{CrossSigningKeysUploaded, SignaturesAdded};
use projection::{Batch, KeyRange, Order, Rows, ViewFault};
use ruma::{CanonicalJsonObject, CanonicalJsonValue, UserId};

use super::tables::{CROSS_SIGNING, SIGNATURES};

const MASTER: &str = "master";
const SELF_SIGNING: &str = "self_signing";
const USER_SIGNING: &str = "user_signing";

/// One person's cross-signing keys, as one observer may see them.
#[derive(Clone, Debug, Default)]
pub struct CrossSigningKeys {
    /// Signs the other two; carries the observer's signature if there is one.
    pub master: Option<CanonicalJsonObject>,
    /// Signs the person's own devices.
    pub self_signing: Option<CanonicalJsonObject>,
    /// Signs the master keys of other people; only for its owner.
    pub user_signing: Option<CanonicalJsonObject>,
}

/// The cross-signing keys of `user` as `observer` may see them (spec: "Key and signature security"): signatures of the
/// owner and of the observer, and the user-signing key for nobody but its owner.
///
/// # Errors
/// When rows cannot be read.
pub fn cross_signing_keys(rows: &dyn Rows, user: &UserId, observer: &UserId) -> Result<CrossSigningKeys, ViewFault> {
    let user_signing = if user == observer { user_signing_key(rows, user)? } else { None };
    let (master, self_signing) = (signed_master_key(rows, user, observer)?, self_signing_key(rows, user)?);
    Ok(CrossSigningKeys { master, self_signing, user_signing })
}

/// The master key of `user` with the signatures that `observer` may see: those of the owner and of the observer.
///
/// # Errors
/// When rows cannot be read.
pub fn signed_master_key(
    rows: &dyn Rows,
    user: &UserId,
    observer: &UserId,
) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    let mut master = master_key(rows, user)?;
    if let Some(master) = &mut master
        && let Some(name) = public_key(master)
    {
        merge_signatures(rows, master, user, &name, observer)?;
    }
    Ok(master)
}

/// The self-signing key of `user`.
///
/// # Errors
/// When rows cannot be read.
pub fn self_signing_key(rows: &dyn Rows, user: &UserId) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    get(rows, user, SELF_SIGNING)
}

/// The master key of `user` as it was uploaded.
///
/// # Errors
/// When rows cannot be read.
pub fn master_key(rows: &dyn Rows, user: &UserId) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    get(rows, user, MASTER)
}

/// The user-signing key of `user`, which only `user` may see.
///
/// # Errors
/// When rows cannot be read.
pub fn user_signing_key(rows: &dyn Rows, user: &UserId) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    get(rows, user, USER_SIGNING)
}

fn get(rows: &dyn Rows, user: &UserId, usage: &str) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    CROSS_SIGNING.get(rows, &(user.as_str(), usage))
}

fn public_key(object: &CanonicalJsonObject) -> Option<String> {
    Some(object.get("keys")?.as_object()?.values().next()?.as_str()?.to_owned())
}

/// Adds to `object` the later signatures of its owner and of `observer`.
pub(super) fn merge_signatures(
    rows: &dyn Rows,
    object: &mut CanonicalJsonObject,
    owner: &UserId,
    target: &str,
    observer: &UserId,
) -> Result<(), ViewFault> {
    let mut signers = vec![owner];
    if observer != owner {
        signers.push(observer);
    }
    for signer in signers {
        let range = KeyRange::prefix(&(owner.as_str(), target, signer.as_str()));
        SIGNATURES.scan(rows, range, Order::Ascending, |(.., key_id), signature| {
            insert_signature(object, signer, key_id, signature);
            ControlFlow::Continue(())
        })?;
    }
    Ok(())
}

fn insert_signature(object: &mut CanonicalJsonObject, signer: &UserId, key_id: String, signature: String) {
    let empty = || CanonicalJsonValue::Object(CanonicalJsonObject::new());
    let signatures = object.entry("signatures".to_owned()).or_insert_with(empty);
    let CanonicalJsonValue::Object(by_user) = signatures else { return };
    let by_key = by_user.entry(signer.to_string()).or_insert_with(empty);
    if let CanonicalJsonValue::Object(by_key) = by_key {
        by_key.insert(key_id, CanonicalJsonValue::String(signature));
    }
}

pub(super) fn put(batch: &mut Batch<'_>, fact: &CrossSigningKeysUploaded) -> Result<(), ViewFault> {
    let user = fact.user_id.as_str();
    if let (Some(new), Some(old)) = (&fact.master, CROSS_SIGNING.get(batch, &(user, MASTER))?)
        && let Some(old) = public_key(&old)
        && public_key(new).as_ref() != Some(&old)
    {
        SIGNATURES.delete_all(batch, KeyRange::prefix(&(user, old.as_str())))?;
    }
    let uploaded = [(MASTER, &fact.master), (SELF_SIGNING, &fact.self_signing), (USER_SIGNING, &fact.user_signing)];
    for (usage, key) in uploaded {
        if let Some(key) = key {
            CROSS_SIGNING.put(batch, &(user, usage), key)?;
        }
    }
    Ok(())
}

pub(super) fn add_signatures(batch: &mut Batch<'_>, fact: &SignaturesAdded) -> Result<(), ViewFault> {
    let (owner, signer) = (fact.target_user_id.as_str(), fact.user_id.as_str());
    for (key_id, signature) in &fact.signatures {
        SIGNATURES.put(batch, &(owner, fact.target.as_str(), signer, key_id.as_str()), signature)?;
    }
    Ok(())
}
