//! Keys of people and what they sign.

use domain::{
    Fact,
    user::{
        UserState,
        cross_signing::{SIGNED_OBJECTS_MAX, SignatureTarget, UploadCrossSigningKeys, UploadSignatures},
        keys::KEY_BYTES_MAX,
    },
};
use ruma::CanonicalJsonObject;
use serde_json::json;

use crate::{
    ink::Ink,
    keys::logged_in,
    sessions::alice,
    signed::{Signer, identified, identity},
    world::{Twins, World},
};

/// Signatures on one object.
const SIGNATURES_PER_OBJECT_MAX: u8 = 32;
/// Seeds of the keys of people; lower ones are those of devices.
const SEEDS: [u8; 3] = [101, 102, 103];

fn key(ink: &Ink, usage: &str, signer: &Signer, by: &Signer, bytes: Option<usize>) -> CanonicalJsonObject {
    let value = json!({ "user_id": alice(), "usage": [usage], "keys": { &signer.id: signer.public() } });
    by.filled(value, ink, bytes)
}

/// Three keys of so many bytes each. A device with the seed 1 has signed the master key.
fn upload(ink: &Ink, device_id: &str, bytes: Option<usize>) -> UploadCrossSigningKeys {
    let [master, self_signing, user_signing] = SEEDS.map(Signer::of_person);
    UploadCrossSigningKeys {
        user_id: alice(),
        master: Some(key(ink, "master", &master, &Signer::of_device(device_id, 1), bytes)),
        self_signing: Some(key(ink, "self_signing", &self_signing, &master, bytes)),
        user_signing: Some(key(ink, "user_signing", &user_signing, &master, bytes)),
        is_authenticated: true,
    }
}

/// Cross-signing keys, and signatures with them.
pub(crate) fn people(world: &mut World, ink: &Ink) {
    let device_id = ink.text(255);
    let mut user = logged_in(&device_id);
    user.take(&identified(ink, &device_id, 1));
    world.refuse(&user, upload(ink, &device_id, Some(KEY_BYTES_MAX + 1)), "M_TOO_LARGE");
    world.accept(&mut user, upload(ink, &device_id, Some(KEY_BYTES_MAX)));
    signatures_on_a_device(world, &mut user, ink, &device_id);
    signatures_on_a_person(world, &mut user, ink, &device_id);
}

/// The same signature again and again is the most that one request can have.
fn signatures_on_a_device(world: &mut World, user: &mut Twins<UserState>, ink: &Ink, device_id: &str) {
    let mut signed = identity(ink, device_id, 1, 2, None);
    Signer::of_person(SEEDS[1]).sign(&mut signed);
    let target = SignatureTarget { user_id: alice(), target: device_id.to_owned(), signed };
    let sign = |count| UploadSignatures { user_id: alice(), targets: vec![target.clone(); count] };
    assert_eq!(world.accept_once(user, sign(SIGNED_OBJECTS_MAX)).len(), SIGNED_OBJECTS_MAX);
    world.refuse(user, sign(SIGNED_OBJECTS_MAX + 1), "M_INVALID_PARAM");
}

fn signatures_on_a_person(world: &mut World, user: &mut Twins<UserState>, ink: &Ink, device_id: &str) {
    let devices = |count: u8| (2..2 + count).map(|seed| (format!("{seed}{}", ink.text(200)), seed));
    devices(SIGNATURES_PER_OBJECT_MAX + 1).for_each(|(device_id, seed)| user.take(&identified(ink, &device_id, seed)));
    let signed_by = |count: u8| {
        let mut signed = upload(ink, device_id, Some(KEY_BYTES_MAX)).master.unwrap();
        devices(count).for_each(|(device_id, seed)| Signer::of_device(&device_id, seed).sign(&mut signed));
        let target = Signer::of_person(SEEDS[0]).public();
        UploadSignatures { user_id: alice(), targets: vec![SignatureTarget { user_id: alice(), target, signed }] }
    };
    let facts = world.accept(user, signed_by(SIGNATURES_PER_OBJECT_MAX));
    let most = usize::from(SIGNATURES_PER_OBJECT_MAX);
    assert!(matches!(&facts[..], [Fact::SignaturesAdded(fact)] if fact.signatures.len() == most));
    // What is too much on one object is said of that object alone.
    let failures = world.pass(user, signed_by(SIGNATURES_PER_OBJECT_MAX + 1));
    assert!(matches!(&failures[..], [failure] if failure.errcode == "M_INVALID_SIGNATURE"));
}
