//! Cross-signing keys and signatures: which are refused, which are stored.

use ruma::{CanonicalJsonObject, CanonicalJsonValue};

use super::{SignatureTarget, UploadCrossSigningKeys, UploadSignatures, needs_authentication};
use crate::{
    Fact,
    lookup::fixture::Known,
    user::{
        UserState,
        keys::{
            UploadKeys,
            fixture::{CrossKey, Device, code, sign, when, when_known},
        },
    },
};

const ALICE: &str = "@alice:h";

struct Keys {
    master: CrossKey,
    self_signing: CrossKey,
    user_signing: CrossKey,
}

fn keys_of(user: &str, seed: u8) -> Keys {
    let master = CrossKey::new(user, "master", seed);
    let self_signing = CrossKey::new(user, "self_signing", seed + 1).signed_by(&master);
    let user_signing = CrossKey::new(user, "user_signing", seed + 2).signed_by(&master);
    Keys { master, self_signing, user_signing }
}

fn upload(keys: &Keys) -> UploadCrossSigningKeys {
    UploadCrossSigningKeys {
        user_id: ALICE.try_into().unwrap(),
        master: Some(keys.master.object.clone()),
        self_signing: Some(keys.self_signing.object.clone()),
        user_signing: Some(keys.user_signing.object.clone()),
        is_authenticated: false,
    }
}

fn with_device(device: &Device) -> UserState {
    let mut state = device.logged_in();
    let (user_id, device_id, identity) = (device.user_id.clone(), device.device_id.clone(), Some(device.identity()));
    let command = UploadKeys { user_id, device_id, identity, one_time: [].into(), fallback: [].into() };
    when(&mut state, command).unwrap();
    state
}

#[test]
fn cross_signing_keys_must_be_well_formed_and_signed_by_the_master_key() {
    let (keys, other) = (keys_of(ALICE, 10), keys_of(ALICE, 20));
    let bobs = keys_of("@bob:h", 30);
    let table: [(&str, UploadCrossSigningKeys, &str); 6] = [
        ("no master key", UploadCrossSigningKeys { master: None, ..upload(&keys) }, "M_MISSING_PARAM"),
        (
            "signed by another master key",
            UploadCrossSigningKeys { self_signing: Some(other.self_signing.object.clone()), ..upload(&keys) },
            "M_INVALID_SIGNATURE",
        ),
        (
            "user-signing key signed by another master key",
            UploadCrossSigningKeys { user_signing: Some(other.user_signing.object.clone()), ..upload(&keys) },
            "M_INVALID_SIGNATURE",
        ),
        (
            "wrong usage",
            UploadCrossSigningKeys { self_signing: Some(keys.user_signing.object.clone()), ..upload(&keys) },
            "M_INVALID_PARAM",
        ),
        (
            "somebody else's key",
            UploadCrossSigningKeys { master: Some(bobs.master.object.clone()), ..upload(&keys) },
            "M_INVALID_PARAM",
        ),
        (
            "two keys in one",
            UploadCrossSigningKeys { master: Some(with_second_key(&keys.master.object)), ..upload(&keys) },
            "M_INVALID_PARAM",
        ),
    ];
    for (name, command, expected) in table {
        let rejection = when(&mut Device::alice().logged_in(), command).map(|_| ()).unwrap_err();
        assert_eq!((code(&rejection).as_str(), rejection.status), (expected, 400), "{name}");
    }
}

fn with_second_key(object: &CanonicalJsonObject) -> CanonicalJsonObject {
    let mut object = object.clone();
    if let Some(CanonicalJsonValue::Object(keys)) = object.get_mut("keys") {
        keys.insert("ed25519:b".to_owned(), CanonicalJsonValue::String("b".to_owned()));
    }
    object
}

#[test]
fn a_device_s_wrong_signature_on_the_master_key_is_refused() {
    let (device, thief) = (Device::alice(), Device::new(ALICE, "PHONE", 9));
    let keys = keys_of(ALICE, 10);
    for (signer, expected) in [(&device, None), (&thief, Some("M_INVALID_SIGNATURE"))] {
        let mut command = upload(&keys);
        signer.sign(command.master.as_mut().unwrap());
        let refused = when(&mut with_device(&device), command).map(|_| ()).err();
        assert_eq!(refused.as_ref().map(code).as_deref(), expected);
    }
}

#[test]
fn only_the_first_keys_and_the_same_keys_go_without_authentication() {
    let (keys, other) = (keys_of(ALICE, 10), keys_of(ALICE, 20));
    let mut state = Device::alice().logged_in();
    assert_eq!(when(&mut state, upload(&keys)).unwrap().1.len(), 1);
    assert_eq!(when(&mut state, upload(&keys)).unwrap().1.len(), 0, "the same keys change nothing");
    let rejection = when(&mut state, upload(&other)).map(|_| ()).unwrap_err();
    assert_eq!((code(&rejection).as_str(), rejection.status), ("M_FORBIDDEN", 403));
    let command = UploadCrossSigningKeys { is_authenticated: true, ..upload(&other) };
    assert_eq!(when(&mut state, command).unwrap().1.len(), 1);

    let (old, new) = (Some(&keys.master.object), Some(&other.master.object));
    for (given, current, expected) in [(new, None, false), (old, old, false), (new, old, true), (None, None, false)] {
        assert_eq!(needs_authentication([given, None, None], [current, None, None]), expected);
    }
}

fn target(user: &str, name: &str, signed: CanonicalJsonObject) -> SignatureTarget {
    SignatureTarget { user_id: user.try_into().unwrap(), target: name.to_owned(), signed }
}

fn signatures(targets: Vec<SignatureTarget>) -> UploadSignatures {
    UploadSignatures { user_id: ALICE.try_into().unwrap(), targets }
}

#[test]
fn signatures_are_stored_when_the_right_key_made_them() {
    let device = Device::alice();
    let (keys, bobs) = (keys_of(ALICE, 10), keys_of("@bob:h", 30));
    let mut state = with_device(&device);
    when(&mut state, upload(&keys)).unwrap();

    let mut own_device = device.identity();
    sign(&mut own_device, &device.user_id, &keys.self_signing.id, &keys.self_signing.secret);
    let mut own_master = keys.master.object.clone();
    device.sign(&mut own_master);
    let mut bobs_master = bobs.master.object.clone();
    sign(&mut bobs_master, &device.user_id, &keys.user_signing.id, &keys.user_signing.secret);

    let public = |key: &CrossKey| key.id.trim_start_matches("ed25519:").to_owned();
    let targets = vec![
        target(ALICE, "PHONE", own_device),
        target(ALICE, &public(&keys.master), own_master),
        target("@bob:h", &public(&bobs.master), bobs_master),
    ];
    let known = Known { master_key: Some(bobs.master.object.clone()), ..Known::default() };
    let (failures, facts) = when_known(&known, &mut state, signatures(targets)).unwrap();
    assert_eq!(failures, []);
    assert_eq!(facts.len(), 3);
    assert!(facts.iter().all(|fact| matches!(fact, Fact::SignaturesAdded(added) if added.signatures.len() == 1)));
}

#[test]
fn signatures_by_the_wrong_key_fail_one_by_one() {
    let device = Device::alice();
    let (keys, bobs) = (keys_of(ALICE, 10), keys_of("@bob:h", 30));
    let mut state = with_device(&device);
    when(&mut state, upload(&keys)).unwrap();

    let mut by_user_signing = device.identity();
    sign(&mut by_user_signing, &device.user_id, &keys.user_signing.id, &keys.user_signing.secret);
    let mut claimed = device.identity();
    sign(&mut claimed, &device.user_id, &keys.self_signing.id, &bobs.self_signing.secret);
    let mut changed = device.identity();
    changed.insert("extra".to_owned(), CanonicalJsonValue::Bool(true));
    sign(&mut changed, &device.user_id, &keys.self_signing.id, &keys.self_signing.secret);
    let table = [
        ("PHONE", by_user_signing, "M_INVALID_SIGNATURE"),
        ("PHONE", claimed, "M_INVALID_SIGNATURE"),
        ("PHONE", changed, "M_INVALID_SIGNATURE"),
        ("TABLET", device.identity(), "M_NOT_FOUND"),
    ];
    for (name, object, expected) in table {
        let (failures, facts) = when(&mut state, signatures(vec![target(ALICE, name, object)])).unwrap();
        assert_eq!((failures.len(), failures[0].errcode, facts.len()), (1, expected, 0));
    }
}
