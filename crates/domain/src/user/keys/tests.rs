//! Uploads and claims: what is refused, what is counted, and that no one-time key is ever given out twice.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use ruma::{CanonicalJsonObject, CanonicalJsonValue};
use serde_json::json;

use super::{
    ClaimKeys, ClaimedKeys, EpochStarted, UploadKeys,
    fixture::{Device, code, given, object, when},
};
use crate::{
    Aggregate, Fact,
    user::{SessionClosed, UserState},
};

fn upload(device: &Device) -> UploadKeys {
    let (user_id, device_id) = (device.user_id.clone(), device.device_id.clone());
    let identity = Some(device.identity());
    UploadKeys { user_id, device_id, identity, one_time: BTreeMap::new(), fallback: BTreeMap::new() }
}

fn claim(device: &Device) -> ClaimKeys {
    let devices = [(device.device_id.clone(), "signed_curve25519".to_owned())].into_iter().collect();
    ClaimKeys { owner: device.user_id.clone(), devices, fallback_only: [].into() }
}

fn claimed_id(claimed: &ClaimedKeys, device: &Device) -> Option<String> {
    claimed.get(&device.device_id).map(|(id, _)| id.clone())
}

fn set(keys: &mut CanonicalJsonObject, name: &str, value: &str) {
    keys.insert(name.to_owned(), CanonicalJsonValue::String(value.to_owned()));
}

#[test]
fn keys_are_refused_unless_they_are_the_device_s_own() {
    type Change = fn(&mut CanonicalJsonObject);
    let table: [(&str, Change, &str); 6] = [
        ("another user", |keys| set(keys, "user_id", "@bob:h"), "M_INVALID_PARAM"),
        ("another device", |keys| set(keys, "device_id", "OTHER"), "M_INVALID_PARAM"),
        ("no keys", |keys| drop(keys.remove("keys")), "M_BAD_JSON"),
        ("no algorithms", |keys| drop(keys.remove("algorithms")), "M_BAD_JSON"),
        ("no signature", |keys| drop(keys.remove("signatures")), "M_INVALID_SIGNATURE"),
        ("changed after signing", |keys| set(keys, "extra", "x"), "M_INVALID_SIGNATURE"),
    ];
    let device = Device::alice();
    for (name, change, expected) in table {
        let mut command = upload(&device);
        change(command.identity.as_mut().unwrap());
        let rejection = when(&mut device.logged_in(), command).map(|_| ()).unwrap_err();
        assert_eq!((code(&rejection).as_str(), rejection.status), (expected, 400), "{name}");
    }
}

#[test]
fn one_time_and_fallback_keys_must_be_signed_by_their_device() {
    let (device, thief) = (Device::alice(), Device::new("@alice:h", "PHONE", 2));
    let mut state = device.logged_in();
    when(&mut state, upload(&device)).unwrap();
    for is_fallback in [false, true] {
        let mut command = UploadKeys { identity: None, ..upload(&device) };
        let keys = if is_fallback { &mut command.fallback } else { &mut command.one_time };
        keys.extend([thief.one_time_key(1)]);
        let rejection = when(&mut state, command).map(|_| ()).unwrap_err();
        assert_eq!(code(&rejection), "M_INVALID_SIGNATURE");
    }
    let unknown = ("curve25519:1".to_owned(), CanonicalJsonValue::String("AAAA".to_owned()));
    let command = UploadKeys { identity: None, one_time: [unknown].into(), ..upload(&device) };
    assert_eq!(code(&when(&mut state, command).map(|_| ()).unwrap_err()), "M_INVALID_PARAM");
    // Without identity keys there is nothing to check a signature with.
    let command = UploadKeys { identity: None, one_time: [device.one_time_key(1)].into(), ..upload(&device) };
    assert_eq!(code(&when(&mut device.logged_in(), command).map(|_| ()).unwrap_err()), "M_INVALID_PARAM");
}

#[test]
fn keys_are_32_bytes_in_base64_padded_or_not() {
    let device = Device::alice();
    let own = device.identity()["keys"].as_object().unwrap()[&device.key_id()].as_str().unwrap().to_owned();
    for (written, is_key) in [
        (own.clone(), true),
        (format!("{own}="), true),
        (format!("{own}=="), false),
        (format!("{own}A"), false),
        (own[1..].to_owned(), false),
        (own.replace(|letter: char| !letter.is_alphanumeric(), "-"), !own.contains(['+', '/'])),
        (String::new(), false),
        ("A".repeat(44), false),
        ("A".repeat(10_000), false),
        // 32 bytes that name no point of the curve.
        ("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), false),
    ] {
        let mut command = upload(&device);
        let identity = command.identity.as_mut().unwrap();
        let Some(CanonicalJsonValue::Object(keys)) = identity.get_mut("keys") else { panic!("keys are an object") };
        set(keys, &device.key_id(), &written);
        identity.remove("signatures");
        device.sign(identity);
        let result = when(&mut device.logged_in(), command).map(|_| ());
        let refusal = result.err().map(|rejection| code(&rejection));
        assert_eq!(refusal.as_deref(), (!is_key).then_some("M_INVALID_PARAM"), "{written:?}");
    }
}

#[test]
fn what_others_may_not_see_is_left_out() {
    let device = Device::alice();
    let mut command = upload(&device);
    let identity = command.identity.as_mut().unwrap();
    identity.insert("unsigned".to_owned(), CanonicalJsonValue::Object(object(json!({"note": "private"}))));
    if let Some(CanonicalJsonValue::Object(signatures)) = identity.get_mut("signatures") {
        signatures.insert("@bob:h".to_owned(), CanonicalJsonValue::Object(object(json!({"ed25519:X": "abc"}))));
    }
    let (_, facts) = when(&mut device.logged_in(), command).unwrap();
    let [Fact::DeviceKeysUploaded(fact)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(fact.keys, device.identity());
}

#[test]
fn the_same_upload_twice_writes_once() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let command = UploadKeys {
        one_time: [device.one_time_key(1), device.one_time_key(2)].into(),
        fallback: [device.fallback_key(3)].into(),
        ..upload(&device)
    };
    let (counts, facts) = when(&mut state, command.clone()).unwrap();
    assert_eq!((counts["signed_curve25519"], facts.len()), (2, 3));
    let (counts, facts) = when(&mut state, command.clone()).unwrap();
    assert_eq!((counts["signed_curve25519"], facts.len()), (2, 0));
    // Another key under a known id.
    let (id, _) = device.one_time_key(1);
    let (_, other) = device.one_time_key(9);
    let rejection = when(&mut state, UploadKeys { one_time: [(id, other)].into(), ..command }).map(|_| ()).unwrap_err();
    assert_eq!((code(&rejection).as_str(), rejection.status), ("M_INVALID_PARAM", 400));
}

#[test]
fn a_claimed_key_is_never_accepted_again() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let command = UploadKeys { one_time: [device.one_time_key(1)].into(), ..upload(&device) };
    when(&mut state, command.clone()).unwrap();
    assert_eq!(claimed_id(&when(&mut state, claim(&device)).unwrap().0, &device).unwrap(), "signed_curve25519:1");
    let (counts, facts) = when(&mut state, command).unwrap();
    assert_eq!((counts["signed_curve25519"], facts.len()), (0, 0));
    // Under another id it is the same key.
    let (_, key) = device.one_time_key(1);
    let again = UploadKeys { one_time: [("signed_curve25519:77".to_owned(), key)].into(), ..upload(&device) };
    assert_eq!(when(&mut state, again).unwrap().0["signed_curve25519"], 0);
    assert!(when(&mut state, claim(&device)).unwrap().0.is_empty());
}

#[test]
fn one_key_under_two_ids_is_taken_once() {
    let device = Device::alice();
    let (_, key) = device.one_time_key(1);
    let twice = ["a", "b"].map(|name| (format!("signed_curve25519:{name}"), key.clone()));
    let mut state = device.logged_in();
    assert_eq!(
        when(&mut state, UploadKeys { one_time: twice.into(), ..upload(&device) }).unwrap().0["signed_curve25519"],
        1
    );
    let third = UploadKeys { one_time: [("signed_curve25519:c".to_owned(), key)].into(), ..upload(&device) };
    assert_eq!(when(&mut state, third).unwrap().0["signed_curve25519"], 1);
}

#[test]
fn the_fallback_key_is_given_when_none_is_left_and_marked_once() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let command = UploadKeys {
        one_time: [device.one_time_key(1)].into(),
        fallback: [device.fallback_key(2)].into(),
        ..upload(&device)
    };
    when(&mut state, command).unwrap();
    let ids: Vec<_> = (0..3)
        .map(|_| {
            let (claimed, facts) = when(&mut state, claim(&device)).unwrap();
            (claimed_id(&claimed, &device).unwrap(), facts.len())
        })
        .collect();
    let id = |n: u8| format!("signed_curve25519:{n}");
    assert_eq!(ids, [(id(1), 1), (id(2), 1), (id(2), 0)]);
}

#[test]
fn a_device_may_be_asked_for_its_fallback_key_only() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let spared = || ClaimKeys { fallback_only: [device.device_id.clone()].into(), ..claim(&device) };
    when(&mut state, UploadKeys { one_time: [device.one_time_key(1)].into(), ..upload(&device) }).unwrap();
    let (claimed, facts) = when(&mut state, spared()).unwrap();
    assert_eq!((claimed.len(), facts.len()), (0, 0), "it has none");
    when(&mut state, UploadKeys { fallback: [device.fallback_key(2)].into(), ..upload(&device) }).unwrap();
    let claimed = when(&mut state, spared()).unwrap().0;
    assert_eq!(claimed_id(&claimed, &device).unwrap(), "signed_curve25519:2");
    let claimed = when(&mut state, claim(&device)).unwrap().0;
    assert_eq!(claimed_id(&claimed, &device).unwrap(), "signed_curve25519:1", "it is left for others");
}

#[test]
fn a_new_epoch_drops_one_time_keys_for_good_and_keeps_the_fallback_key() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let command = UploadKeys {
        one_time: [device.one_time_key(1), device.one_time_key(2)].into(),
        fallback: [device.fallback_key(3)].into(),
        ..upload(&device)
    };
    when(&mut state, command.clone()).unwrap();
    state.evolve(&Fact::KeyEpochStarted(EpochStarted { user_id: device.user_id.clone() }));
    assert_eq!(when(&mut state, command).unwrap().0["signed_curve25519"], 0, "dropped keys stay dropped");
    let claimed = when(&mut state, claim(&device)).unwrap().0;
    assert_eq!(claimed_id(&claimed, &device).unwrap(), "signed_curve25519:3");
}

#[test]
fn new_identity_keys_drop_what_the_old_ones_signed() {
    let (old, new) = (Device::alice(), Device::new("@alice:h", "PHONE", 2));
    let mut state = old.logged_in();
    when(&mut state, UploadKeys { one_time: [old.one_time_key(1)].into(), ..upload(&old) }).unwrap();
    let counts = when(&mut state, UploadKeys { one_time: [new.one_time_key(2)].into(), ..upload(&new) }).unwrap().0;
    assert_eq!(counts["signed_curve25519"], 1);
    assert_eq!(claimed_id(&when(&mut state, claim(&new)).unwrap().0, &new).unwrap(), "signed_curve25519:2");
}

#[test]
fn a_device_that_is_logged_out_has_no_keys_and_may_upload_none() {
    let device = Device::alice();
    let mut state = device.logged_in();
    when(&mut state, UploadKeys { one_time: [device.one_time_key(1)].into(), ..upload(&device) }).unwrap();
    let (user_id, device_id) = (device.user_id.clone(), device.device_id.clone());
    state.evolve(&Fact::SessionClosed(SessionClosed { user_id, device_id }));
    assert!(when(&mut state, claim(&device)).unwrap().0.is_empty());
    let rejection = when(&mut state, upload(&device)).map(|_| ()).unwrap_err();
    assert_eq!((code(&rejection).as_str(), rejection.status), ("M_UNKNOWN_TOKEN", 401));
}

#[test]
fn an_upload_is_bounded() {
    let device = Device::alice();
    let mut state = device.logged_in();
    let too_many = (0..=500).map(|number| device.one_time_key(number)).collect();
    let command = UploadKeys { one_time: too_many, ..upload(&device) };
    assert_eq!(code(&when(&mut state, command).map(|_| ()).unwrap_err()), "M_INVALID_PARAM");
}

/// What a client and its peers do, in any order.
#[derive(Clone, Debug)]
enum Step {
    /// Upload these keys; a client that was set back uploads some again.
    Upload(Vec<u16>),
    Claim,
    Epoch,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => prop::collection::vec(0_u16..40, 1..6).prop_map(Step::Upload),
        5 => Just(Step::Claim),
        1 => Just(Step::Epoch),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_one_time_key_is_given_out_twice(steps in steps()) {
        let device = Device::alice();
        let mut state = device.logged_in();
        let mut log = when(&mut state, upload(&device)).unwrap().1;
        let keys: Vec<_> = (0..40).map(|number| device.one_time_key(number)).collect();
        let mut given_out = BTreeSet::new();
        for step in steps {
            match step {
                Step::Upload(numbers) => {
                    let one_time = numbers.into_iter().map(|number| keys[usize::from(number)].clone()).collect();
                    log.extend(when(&mut state, UploadKeys { identity: None, one_time, ..upload(&device) }).unwrap().1);
                }
                Step::Claim => {
                    let (claimed, facts) = when(&mut state, claim(&device)).unwrap();
                    log.extend(facts);
                    if let Some(id) = claimed_id(&claimed, &device) {
                        prop_assert!(given_out.insert(id.clone()), "{id} was given out before");
                    }
                }
                Step::Epoch => {
                    let fact = Fact::KeyEpochStarted(EpochStarted { user_id: device.user_id.clone() });
                    state.evolve(&fact);
                    log.push(fact);
                }
            }
        }
        let replayed: UserState = given(log);
        let (device_id, counts) = (&device.device_id, state.keys.one_time_key_counts(&device.device_id));
        prop_assert_eq!(replayed.keys.one_time_key_counts(device_id), counts);
    }
}
