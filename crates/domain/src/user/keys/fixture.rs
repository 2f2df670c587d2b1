//! Devices with real keys, and the surroundings to decide in, for tests of this crate.

use std::cell::Cell;

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, MilliSecondsSinceUnixEpoch, OwnedDeviceId, OwnedUserId, UInt,
    owned_server_name,
    signatures::{Ed25519KeyPair, to_canonical_json_string_for_signing},
    user_id,
};
use serde_json::{Value, json};
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey, Ed25519SecretKey};

use crate::{
    Aggregate, Command, Context, Decision, Entropy, Fact, Policy, Rejection,
    lookup::fixture::Known,
    user::{AccountCreated, SessionOpened, UserState},
};

/// A device of somebody, with its secret key.
pub(crate) struct Device {
    pub(crate) user_id: OwnedUserId,
    pub(crate) device_id: OwnedDeviceId,
    secret: Ed25519SecretKey,
}

impl Device {
    /// `seed` tells devices apart and makes the same keys each time.
    pub(crate) fn new(user: &str, device: &str, seed: u8) -> Self {
        let user_id = OwnedUserId::try_from(user).unwrap();
        Self { user_id, device_id: device.into(), secret: secret(seed) }
    }

    pub(crate) fn alice() -> Self {
        Self::new("@alice:h", "PHONE", 1)
    }

    pub(crate) fn key_id(&self) -> String {
        format!("ed25519:{}", self.device_id)
    }

    pub(crate) fn sign(&self, object: &mut CanonicalJsonObject) {
        sign(object, &self.user_id, &self.key_id(), &self.secret);
    }

    pub(crate) fn identity(&self) -> CanonicalJsonObject {
        let (user, device) = (&self.user_id, &self.device_id);
        let mut object = object(json!({
            "user_id": user,
            "device_id": device,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {
                format!("ed25519:{device}"): self.secret.public_key().to_base64(),
                format!("curve25519:{device}"): curve25519(0),
            },
        }));
        self.sign(&mut object);
        object
    }

    /// The id and the signed object of one-time key number `number`.
    pub(crate) fn one_time_key(&self, number: u16) -> (String, CanonicalJsonValue) {
        let mut object = object(json!({"key": curve25519(number)}));
        self.sign(&mut object);
        (format!("signed_curve25519:{number}"), CanonicalJsonValue::Object(object))
    }

    pub(crate) fn fallback_key(&self, number: u16) -> (String, CanonicalJsonValue) {
        let mut object = object(json!({"key": curve25519(number), "fallback": true}));
        self.sign(&mut object);
        (format!("signed_curve25519:{number}"), CanonicalJsonValue::Object(object))
    }

    /// The state of the owner's lane with this device logged in.
    pub(crate) fn logged_in(&self) -> UserState {
        let (user_id, device_id) = (self.user_id.clone(), self.device_id.clone());
        given([
            Fact::AccountCreated(AccountCreated { user_id: user_id.clone() }),
            Fact::SessionOpened(SessionOpened { user_id, device_id, display_name: None }),
        ])
    }
}

/// A cross-signing key pair.
pub(crate) struct CrossKey {
    pub(crate) secret: Ed25519SecretKey,
    pub(crate) id: String,
    pub(crate) object: CanonicalJsonObject,
}

impl CrossKey {
    pub(crate) fn new(user: &str, usage: &str, seed: u8) -> Self {
        let secret = secret(seed);
        let public = secret.public_key().to_base64();
        let id = format!("ed25519:{public}");
        let object = object(json!({"user_id": user, "usage": [usage], "keys": {id.as_str(): public}}));
        Self { secret, id, object }
    }

    /// The same key with the signature of `by`.
    pub(crate) fn signed_by(mut self, by: &Self) -> Self {
        let user = OwnedUserId::try_from(self.object["user_id"].as_str().unwrap()).unwrap();
        sign(&mut self.object, &user, &by.id, &by.secret);
        self
    }
}

pub(crate) fn sign(object: &mut CanonicalJsonObject, user: &ruma::UserId, key_id: &str, secret: &Ed25519SecretKey) {
    let signature = secret.sign(to_canonical_json_string_for_signing(object).unwrap().as_bytes()).to_base64();
    let empty = || CanonicalJsonValue::Object(CanonicalJsonObject::new());
    let CanonicalJsonValue::Object(by_user) = object.entry("signatures".to_owned()).or_insert_with(empty) else {
        panic!("signatures are an object")
    };
    let CanonicalJsonValue::Object(by_key) = by_user.entry(user.to_string()).or_insert_with(empty) else {
        panic!("signatures of a user are an object")
    };
    by_key.insert(key_id.to_owned(), CanonicalJsonValue::String(signature));
}

fn secret(seed: u8) -> Ed25519SecretKey {
    Ed25519SecretKey::from_slice(&[seed; 32])
}

fn curve25519(number: u16) -> String {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(&seed)).to_base64()
}

pub(crate) fn object(value: Value) -> CanonicalJsonObject {
    serde_json::from_value(value).unwrap()
}

/// The state that facts lead to, read back from their records as after a restart.
pub(crate) fn given<S: Aggregate>(facts: impl IntoIterator<Item = Fact>) -> S {
    let mut state = S::default();
    for fact in facts {
        state.evolve(&reread(&fact));
    }
    state
}

/// Decides and takes the facts in, all that is known besides being the least there can be.
pub(crate) fn when<C: Command>(state: &mut C::On, command: C) -> Result<(C::Reply, Vec<Fact>), Rejection> {
    when_known(&Known::default(), state, command)
}

/// Another seed for each decision of a test, as randomness is.
fn next_seed() -> [u8; 32] {
    thread_local!(static DECISIONS: Cell<u64> = const { Cell::new(0) });
    let count = DECISIONS.get();
    DECISIONS.set(count + 1);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&count.to_be_bytes());
    seed
}

/// Decides with this known and takes the facts in.
pub(crate) fn when_known<C: Command>(
    known: &Known,
    state: &mut C::On,
    command: C,
) -> Result<(C::Reply, Vec<Fact>), Rejection> {
    when_at(known, 1_000, state, command)
}

/// Decides with this known at this time, milliseconds since the epoch, and takes the facts in.
pub(crate) fn when_at<C: Command>(
    known: &Known,
    now_ms: u64,
    state: &mut C::On,
    command: C,
) -> Result<(C::Reply, Vec<Fact>), Rejection> {
    let key = Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap();
    let context = Context {
        now: MilliSecondsSinceUnixEpoch(UInt::try_from(now_ms).unwrap()),
        entropy: Entropy::new(next_seed()),
        server_name: &owned_server_name!("h"),
        signing_key: &key,
        policy: &Policy::default(),
        lookup: known,
    };
    Ok(match command.decide(state, &context)? {
        Decision::AlreadyDone(reply) => (reply, Vec::new()),
        Decision::Accept { facts, reply } => {
            let facts: Vec<_> = facts.iter().map(|new| new.fact().clone()).collect();
            facts.iter().for_each(|fact| state.evolve(&reread(fact)));
            (reply, facts)
        }
    })
}

fn reread(fact: &Fact) -> Fact {
    let encoded = fact.encode().unwrap();
    Fact::decode(encoded.kind, encoded.version, &encoded.payload).unwrap()
}

/// The Matrix error code of a refusal.
pub(crate) fn code(rejection: &Rejection) -> String {
    rejection.kind.errcode().to_string()
}

#[test]
fn the_fixture_signs_what_the_server_accepts() {
    let device = Device::alice();
    let key = super::ed25519_key(&device.identity(), &device.key_id()).unwrap();
    assert!(super::is_signed_by(&device.identity(), user_id!("@alice:h"), &device.key_id(), key));
}
