//! Keys: signatures that do not hold, keys of others, backups that are not there.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use reqwest::Method;
use ruma::signatures::to_canonical_json_string_for_signing;
use serde_json::{Value, json};
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey, Ed25519SecretKey};

use crate::bad_input::case::{
    Body::{self, Json, Text},
    Case,
    Who::Alice,
    case,
};
use crate::bad_input::stage::Stage;

const UPLOAD: &str = "/_matrix/client/v3/keys/upload";

/// The keys of the device of alice, with its secret.
struct Device<'a> {
    stage: &'a Stage,
    secret: Ed25519SecretKey,
}

impl Device<'_> {
    fn key_id(&self) -> String {
        format!("ed25519:{}", self.stage.alice.device_id)
    }

    fn curve25519(&self) -> String {
        Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(&[7; 32])).to_base64()
    }

    /// Signs an object as the device.
    fn signed(&self, mut object: Value) -> Value {
        let canonical = serde_json::from_value(object.clone()).expect("the cases are canonical JSON");
        let text = to_canonical_json_string_for_signing(&canonical).expect("the cases are canonical JSON");
        let signature = self.secret.sign(text.as_bytes()).to_base64();
        object["signatures"] = json!({ self.stage.alice.user_id.as_str(): { self.key_id(): signature } });
        object
    }

    /// Device keys that would be accepted if they were signed.
    fn unsigned(&self) -> Value {
        let device = self.stage.alice.device_id.as_str();
        json!({
            "user_id": self.stage.alice.user_id,
            "device_id": device,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {
                self.key_id(): self.secret.public_key().to_base64(),
                format!("curve25519:{device}"): self.curve25519(),
            },
        })
    }
}

pub(super) fn cases(stage: &Stage) -> Vec<Case> {
    let device = Device { stage, secret: Ed25519SecretKey::from_slice(&[9; 32]) };
    [device_keys(&device), one_time_keys(&device), cross_signing(stage), others(stage)].into_iter().flatten().collect()
}

fn device_keys(device: &Device<'_>) -> Vec<Case> {
    let post =
        |name, keys: Value, expected| case(name, Alice, Method::POST, UPLOAD, Json(json!({"device_keys": keys})), expected);
    let mut changed = device.signed(device.unsigned());
    changed["algorithms"] = json!(["m.megolm.v1.aes-sha2"]);
    let mut short = device.unsigned();
    short["signatures"] = json!({ device.stage.alice.user_id.as_str(): { device.key_id(): "c2hvcnQ" } });
    let mut zeros = device.unsigned();
    let signature = STANDARD_NO_PAD.encode([0; 64]);
    zeros["signatures"] = json!({ device.stage.alice.user_id.as_str(): { device.key_id(): signature } });
    let mut foreign = device.unsigned();
    foreign["user_id"] = json!(device.stage.bob.user_id);
    let mut other = device.unsigned();
    other["device_id"] = json!("OTHER");
    vec![
        case("keys, no JSON", Alice, Method::POST, UPLOAD, Text("{\"device_keys\"".into()), "400 M_NOT_JSON"),
        post("device keys, a number", json!(1), "400 M_BAD_JSON"),
        post("device keys, unsigned", device.unsigned(), "400 M_INVALID_SIGNATURE"),
        post("device keys, a short signature", short, "400 M_INVALID_SIGNATURE"),
        post("device keys, a wrong signature", zeros, "400 M_INVALID_SIGNATURE"),
        post("device keys, changed after signing", changed, "400 M_INVALID_SIGNATURE"),
        post("device keys of somebody else", device.signed(foreign), "400 M_INVALID_PARAM"),
        post("device keys of another device", device.signed(other), "400 M_INVALID_PARAM"),
    ]
}

fn one_time_keys(device: &Device<'_>) -> Vec<Case> {
    // The device has uploaded no identity keys in any of the cases, so that these come with theirs.
    let post = |name, key: Value, expected| {
        let body = json!({
            "device_keys": device.signed(device.unsigned()),
            "one_time_keys": {"signed_curve25519:AAAAAQ": key},
        });
        case(name, Alice, Method::POST, UPLOAD, Json(body), expected)
    };
    let mut changed = device.signed(json!({"key": device.curve25519()}));
    changed["key"] = json!(STANDARD_NO_PAD.encode([3; 32]));
    vec![
        post("a one-time key, unsigned", json!({"key": device.curve25519()}), "400 M_INVALID_SIGNATURE"),
        post("a one-time key, changed after signing", changed, "400 M_INVALID_SIGNATURE"),
    ]
}

fn cross_signing(stage: &Stage) -> Vec<Case> {
    let upload = "/_matrix/client/v3/keys/device_signing/upload";
    let public = |seed: u8| Ed25519SecretKey::from_slice(&[seed; 32]).public_key().to_base64();
    let key = |user: &str, usage: &str, seed| json!({"user_id": user, "usage": [usage], "keys": {format!("ed25519:{}", public(seed)): public(seed)}});
    let alice = stage.alice.user_id.as_str();
    let post = |name, body, expected| case(name, Alice, Method::POST, upload, Json(body), expected);
    vec![
        post(
            "a self-signing key that the master key did not sign",
            json!({"master_key": key(alice, "master", 1), "self_signing_key": key(alice, "self_signing", 2)}),
            "400 M_INVALID_SIGNATURE",
        ),
        post(
            "a master key of somebody else",
            json!({"master_key": key(&stage.bob.user_id, "master", 1)}),
            "400 M_INVALID_PARAM",
        ),
        post("a master key of no key", json!({"master_key": 1}), "400 M_BAD_JSON"),
    ]
}

fn others(stage: &Stage) -> Vec<Case> {
    let post = |name, path, body, expected| case(name, Alice, Method::POST, path, Json(body), expected);
    let backup = "/_matrix/client/v3/room_keys";
    let room_keys = format!("{backup}/keys?version=999");
    let to_device = "/_matrix/client/v3/sendToDevice/m.room.encrypted/bad";
    let session = json!({"rooms": {stage.room.as_str(): {"sessions": {"s": {
        "first_message_index": 0, "forwarded_count": 0, "is_verified": false, "session_data": {},
    }}}}});
    vec![
        post("a query of the wrong type", "/_matrix/client/v3/keys/query", json!({"device_keys": []}), "400 M_BAD_JSON"),
        post("a claim of the wrong type", "/_matrix/client/v3/keys/claim", json!({"one_time_keys": 1}), "400 M_BAD_JSON"),
        case(
            "a message to devices, wrong type",
            Alice,
            Method::PUT,
            to_device,
            Json(json!({"messages": 1})),
            "400 M_BAD_JSON",
        ),
        case("no backup", Alice, Method::GET, format!("{backup}/version"), Body::None, "404 M_NOT_FOUND"),
        case("keys into no backup", Alice, Method::PUT, room_keys, Json(session), "404 M_NOT_FOUND"),
        post("a backup of no algorithm", "/_matrix/client/v3/room_keys/version", json!({"auth_data": {}}), "400 M_BAD_JSON"),
    ]
}
