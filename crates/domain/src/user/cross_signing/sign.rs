//! Adds signatures to devices and master keys (spec: `POST /keys/signatures/upload`).

use std::collections::BTreeMap;

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedUserId};

use super::{
    SIGNED_OBJECTS_MAX, SignaturesAdded,
    upload::{only_key, signatures_of},
};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    lookup::Lookup,
    user::{
        UserState,
        keys::{Ed25519PublicKey, ed25519_key, is_signed_by},
    },
};

/// Signatures on one object.
const SIGNATURES_PER_OBJECT_MAX: usize = 32;

/// One object with new signatures on it.
#[derive(Clone, Debug)]
pub struct SignatureTarget {
    /// Whose device or master key it is.
    pub user_id: OwnedUserId,
    /// The device id, or the public master key in base64.
    pub target: String,
    /// The object as the client signed it.
    pub signed: CanonicalJsonObject,
}

/// Adds the signatures of one person.
#[derive(Clone, Debug)]
pub struct UploadSignatures {
    /// Who signed.
    pub user_id: OwnedUserId,
    /// What they signed.
    pub targets: Vec<SignatureTarget>,
}

/// Why one object's signatures were not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFailure {
    /// Whose device or master key it is.
    pub user_id: OwnedUserId,
    /// The device id, or the public master key in base64.
    pub target: String,
    /// The Matrix error code.
    pub errcode: &'static str,
    /// One sentence for a person.
    pub message: &'static str,
}

type Reason = (&'static str, &'static str);

const NOT_FOUND: Reason = ("M_NOT_FOUND", "There is no such device or master key.");
const DIFFERENT: Reason = ("M_INVALID_SIGNATURE", "The object that was signed is not the one that the server has.");
const WRONG: Reason = ("M_INVALID_SIGNATURE", "A signature is wrong, or made by a key that may not sign this.");

impl Command for UploadSignatures {
    type On = UserState;
    type Reply = Vec<SignatureFailure>;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<Self::Reply>, Rejection> {
        if self.targets.len() > SIGNED_OBJECTS_MAX {
            return Err(Rejection::invalid_param("One request has at most 500 signed objects."));
        }
        let (mut facts, mut failures) = (Vec::new(), Vec::new());
        let mut masters = Masters { lookup: context.lookup, last: None };
        for target in self.targets {
            let SignatureTarget { user_id: target_user_id, target: name, .. } = &target;
            let master = match *target_user_id == self.user_id {
                true => state.cross_signing.master.clone(),
                false => masters.of(target_user_id)?,
            };
            match new_signatures(&target, &self.user_id, state, master.as_ref()) {
                Ok(signatures) if signatures.is_empty() => {}
                Ok(signatures) => facts.push(Fact::SignaturesAdded(SignaturesAdded {
                    user_id: self.user_id.clone(),
                    target_user_id: target_user_id.clone(),
                    target: name.clone(),
                    signatures,
                })),
                Err((errcode, message)) => {
                    let (user_id, target) = (target_user_id.clone(), name.clone());
                    failures.push(SignatureFailure { user_id, target, errcode, message });
                }
            }
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(failures));
        }
        Ok(Decision::accept(facts, failures))
    }
}

/// The signatures on `target` that the server does not have from the upload of the object itself, all of them checked.
fn new_signatures(
    target: &SignatureTarget,
    signer: &OwnedUserId,
    state: &UserState,
    master: Option<&CanonicalJsonObject>,
) -> Result<BTreeMap<String, String>, Reason> {
    let is_own = target.user_id == *signer;
    let device = state.keys.identity(target.target.as_str().into()).filter(|_| is_own);
    let master = master.filter(|master| only_key(master).is_some_and(|(_, key)| key.to_base64() == target.target));
    let stored = device.or(master).ok_or(NOT_FOUND)?;
    if without_signatures(stored) != without_signatures(&target.signed) {
        return Err(DIFFERENT);
    }
    let known: BTreeMap<&str, &CanonicalJsonValue> = signatures_of(stored, signer).collect();
    let mut new = BTreeMap::new();
    for (key_id, signature) in signatures_of(&target.signed, signer) {
        if known.get(key_id) == Some(&signature) {
            continue;
        }
        let by = if device.is_some() {
            cross_signing_key(state.cross_signing.self_signing.as_ref(), key_id)
        } else if is_own {
            device_key(state, key_id)
        } else {
            cross_signing_key(state.cross_signing.user_signing.as_ref(), key_id)
        };
        let is_right = by.is_some_and(|key| is_signed_by(&target.signed, signer, key_id, key));
        let signature = signature.as_str().filter(|_| is_right && new.len() < SIGNATURES_PER_OBJECT_MAX).ok_or(WRONG)?;
        new.insert(key_id.to_owned(), signature.to_owned());
    }
    Ok(new)
}

fn cross_signing_key(object: Option<&CanonicalJsonObject>, key_id: &str) -> Option<Ed25519PublicKey> {
    only_key(object?).filter(|(id, _)| *id == key_id).map(|(_, key)| key)
}

fn device_key(state: &UserState, key_id: &str) -> Option<Ed25519PublicKey> {
    let device = state.keys.identity(key_id.strip_prefix("ed25519:")?.into())?;
    ed25519_key(device, key_id)
}

/// The fields that a signature covers.
fn without_signatures(object: &CanonicalJsonObject) -> Vec<(&String, &CanonicalJsonValue)> {
    object.iter().filter(|(name, _)| !matches!(name.as_str(), "signatures" | "unsigned")).collect()
}

/// Reads each person's master key once; targets come in groups of a person's.
struct Masters<'a> {
    lookup: &'a dyn Lookup,
    last: Option<(OwnedUserId, Option<CanonicalJsonObject>)>,
}

impl Masters<'_> {
    fn of(&mut self, user_id: &OwnedUserId) -> Result<Option<CanonicalJsonObject>, Rejection> {
        if let Some((_, master)) = self.last.as_ref().filter(|(of, _)| of == user_id) {
            return Ok(master.clone());
        }
        let master = self.lookup.master_key(user_id)?;
        self.last = Some((user_id.clone(), master.clone()));
        Ok(master)
    }
}
