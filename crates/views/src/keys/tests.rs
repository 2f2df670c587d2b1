//! Given facts, what the queries of the keys view answer.

use std::collections::BTreeMap;

use domain::{
    Fact,
    user::{
        SessionClosed,
        cross_signing::{CrossSigningKeysUploaded, SignaturesAdded},
        keys::{
            DeviceKeysUploaded, EpochStarted, FallbackKeysUploaded, FallbackKeysUsed, OneTimeKeysClaimed,
            OneTimeKeysUploaded,
        },
    },
};
use proptest::prelude::*;
use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedUserId, device_id};
use serde_json::json;

use super::*;
use crate::fixture::{World, user};

const PHONE: &str = "PHONE";

fn object(value: serde_json::Value) -> CanonicalJsonObject {
    serde_json::from_value(value).unwrap()
}

fn identity(world: &mut World, name: &str, key: &str) -> u64 {
    let keys =
        object(json!({"keys": {"ed25519:PHONE": key}, "signatures": {user(name).as_str(): {"ed25519:PHONE": "own"}}}));
    world.fact(Fact::DeviceKeysUploaded(DeviceKeysUploaded { user_id: user(name), device_id: PHONE.into(), keys }))
}

fn ids(numbers: &[u8]) -> BTreeMap<String, CanonicalJsonValue> {
    numbers.iter().map(|number| (format!("signed_curve25519:{number}"), CanonicalJsonValue::Null)).collect()
}

fn upload(world: &mut World, numbers: &[u8]) {
    let (user_id, device_id, keys) = (user("alice"), PHONE.into(), ids(numbers));
    world.fact(Fact::OneTimeKeysUploaded(OneTimeKeysUploaded { user_id, device_id, keys }));
}

fn claim(world: &mut World, number: u8) {
    let keys = [(PHONE.into(), format!("signed_curve25519:{number}"))].into();
    world.fact(Fact::OneTimeKeysClaimed(OneTimeKeysClaimed { user_id: user("alice"), keys }));
}

fn count(world: &World) -> u64 {
    prekeys_left(&*world.rows(), &user("alice"), device_id!("PHONE")).unwrap().one_time["signed_curve25519"]
}

fn sign(world: &mut World, signer: &str, target_user: &str, target: &str, signature: &str) -> u64 {
    world.fact(Fact::SignaturesAdded(SignaturesAdded {
        user_id: user(signer),
        target_user_id: user(target_user),
        target: target.to_owned(),
        signatures: [("ed25519:K".to_owned(), signature.to_owned())].into(),
    }))
}

fn cross_signing(world: &mut World, name: &str, master: &str) -> u64 {
    let key = |public: &str| Some(object(json!({"keys": {format!("ed25519:{public}"): public}})));
    world.fact(Fact::CrossSigningKeysUploaded(CrossSigningKeysUploaded {
        user_id: user(name),
        master: key(master),
        self_signing: key("S"),
        user_signing: key("U"),
    }))
}

#[test]
fn one_time_keys_are_counted_and_fallback_keys_are_unused_until_used() {
    let mut world = World::default();
    assert_eq!(count(&world), 0, "a device without keys is told to upload some");
    upload(&mut world, &[1, 2, 3]);
    claim(&mut world, 2);
    assert_eq!(count(&world), 2);

    let unused = |world: &World| prekeys_left(&*world.rows(), &user("alice"), device_id!("PHONE")).unwrap().unused_fallback;
    assert!(unused(&world).is_empty());
    let (user_id, device_id) = (user("alice"), PHONE.into());
    world.fact(Fact::FallbackKeysUploaded(FallbackKeysUploaded { user_id, device_id, keys: ids(&[9]) }));
    assert_eq!(unused(&world), ["signed_curve25519"]);
    let keys = [(PHONE.into(), "signed_curve25519:9".to_owned())].into();
    world.fact(Fact::FallbackKeysUsed(FallbackKeysUsed { user_id: user("alice"), keys }));
    assert!(unused(&world).is_empty());

    world.fact(Fact::KeyEpochStarted(EpochStarted { user_id: user("alice") }));
    assert_eq!(count(&world), 0);
    world.assert_replay_is_equal();
}

#[test]
fn a_change_is_found_since_any_earlier_position_and_counts_once() {
    let mut world = World::default();
    let first = identity(&mut world, "alice", "a");
    let bobs = identity(&mut world, "bob", "b");
    let second = cross_signing(&mut world, "alice", "M");
    let since = |position, until| -> Vec<OwnedUserId> {
        device_list_changes_since(&*world.rows(), &user("carol"), position, until).unwrap().into_iter().collect()
    };
    assert_eq!(since(0, second), [user("alice"), user("bob")]);
    assert_eq!(since(first, second), [user("alice"), user("bob")]);
    assert_eq!(since(bobs, second), [user("alice")]);
    assert_eq!(since(0, bobs), [user("bob")], "a later change hides an earlier one");
    assert!(since(second, u64::MAX).is_empty());
}

#[test]
fn a_signature_on_somebody_else_s_key_is_for_the_signer_alone() {
    let mut world = World::default();
    cross_signing(&mut world, "bob", "M");
    let signed = sign(&mut world, "alice", "bob", "M", "by alice");
    let rows = world.rows();
    let changes = |observer: &str| device_list_changes_since(&*rows, &user(observer), signed - 1, signed).unwrap().len();
    assert_eq!([changes("alice"), changes("bob"), changes("carol")], [1, 0, 0]);
    let seen = |observer: &str| {
        let keys = cross_signing_keys(&*rows, &user("bob"), &user(observer)).unwrap();
        let is_signed = keys.master.unwrap().contains_key("signatures");
        (is_signed, keys.self_signing.is_some(), keys.user_signing.is_some())
    };
    assert_eq!(seen("alice"), (true, true, false));
    assert_eq!(seen("bob"), (false, true, true));
    assert_eq!(seen("carol"), (false, true, false));
}

#[test]
fn own_signatures_are_added_to_what_everybody_sees_until_the_key_is_replaced() {
    let mut world = World::default();
    identity(&mut world, "alice", "a");
    sign(&mut world, "alice", "alice", PHONE, "cross");
    let signatures = |world: &World| {
        let keys = device_keys(&*world.rows(), &user("alice"), device_id!("PHONE")).unwrap().unwrap();
        let own = keys["signatures"].as_object().unwrap()["@alice:h"].as_object().unwrap().clone();
        own.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(signatures(&world), ["ed25519:K", "ed25519:PHONE"]);
    identity(&mut world, "alice", "another");
    assert_eq!(signatures(&world), ["ed25519:PHONE"]);

    cross_signing(&mut world, "alice", "M");
    sign(&mut world, "alice", "alice", "M", "by the phone");
    cross_signing(&mut world, "alice", "N");
    cross_signing(&mut world, "alice", "M");
    let master = cross_signing_keys(&*world.rows(), &user("alice"), &user("alice")).unwrap().master.unwrap();
    assert!(!master.contains_key("signatures"), "a master key that was replaced comes back without its signatures");
    world.assert_replay_is_equal();
}

#[test]
fn a_device_that_is_logged_out_leaves_nothing_but_the_change() {
    let mut world = World::default();
    identity(&mut world, "alice", "a");
    upload(&mut world, &[1]);
    let closed = world.fact(Fact::SessionClosed(SessionClosed { user_id: user("alice"), device_id: PHONE.into() }));
    let rows = world.rows();
    assert!(!has_device_keys(&*rows, &user("alice"), device_id!("PHONE")).unwrap());
    assert!(device_keys_after(&*rows, &user("alice"), None, 9).unwrap().is_empty());
    assert!(devices_with_keys(&*rows, &user("alice")).unwrap().is_empty());
    let changed = device_list_changes_since(&*rows, &user("bob"), closed - 1, closed).unwrap();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), [user("alice")]);
    assert_eq!(count(&world), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn replayed_counts_are_the_live_ones(steps in prop::collection::vec((any::<bool>(), 0_u8..20), 1..40)) {
        let mut world = World::default();
        let mut left = std::collections::BTreeSet::new();
        for (is_upload, number) in steps {
            if is_upload {
                upload(&mut world, &[number]);
                left.insert(number);
            } else {
                claim(&mut world, number);
                left.remove(&number);
            }
        }
        prop_assert_eq!(count(&world), left.len() as u64);
        world.assert_replay_is_equal();
    }
}
