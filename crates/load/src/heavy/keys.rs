//! The keys of a device, as a client uploads them.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// Every device has the same: nobody here encrypts.
const SECRET: [u8; 32] = [7; 32];

/// An object that its device has signed (spec: "Signing JSON").
pub(super) fn device_keys(user_id: &str, device_id: &str) -> Value {
    let key = SigningKey::from_bytes(&SECRET);
    let mut keys = json!({
        "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "device_id": device_id,
        "keys": {
            format!("curve25519:{device_id}"): STANDARD_NO_PAD.encode([9; 32]),
            format!("ed25519:{device_id}"): STANDARD_NO_PAD.encode(key.verifying_key()),
        },
        "user_id": user_id,
    });
    // Without spaces and sorted, which is canonical here.
    let signature = STANDARD_NO_PAD.encode(key.sign(keys.to_string().as_bytes()).to_bytes());
    keys["signatures"] = json!({ user_id: { format!("ed25519:{device_id}"): signature } });
    keys
}
