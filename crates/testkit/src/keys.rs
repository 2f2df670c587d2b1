//! Devices with real keys, which sign what they upload.

use anyhow::{Context, Result};
use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedDeviceId, OwnedUserId, signatures::to_canonical_json_string_for_signing,
};
use serde_json::{Value, json};
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey, Ed25519SecretKey};

/// A device of somebody, with its secret key.
pub struct TestDevice {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// Its id.
    pub device_id: OwnedDeviceId,
    secret: Ed25519SecretKey,
}

impl TestDevice {
    /// `seed` tells devices apart and makes the same keys each time.
    #[must_use]
    pub fn new(user_id: OwnedUserId, device_id: OwnedDeviceId, seed: u8) -> Self {
        Self { user_id, device_id, secret: Ed25519SecretKey::from_slice(&[seed; 32]) }
    }

    /// The signed identity keys.
    ///
    /// # Errors
    /// Never: everything in it is canonical JSON.
    pub fn identity(&self) -> Result<CanonicalJsonObject> {
        let (user, device) = (&self.user_id, &self.device_id);
        self.signed(json!({
            "user_id": user,
            "device_id": device,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {
                format!("ed25519:{device}"): self.secret.public_key().to_base64(),
                format!("curve25519:{device}"): self.curve25519(u32::MAX),
            },
        }))
    }

    /// The id and the signed object of one-time key number `number`.
    ///
    /// # Errors
    /// Never: everything in it is canonical JSON.
    pub fn one_time_key(&self, number: u32) -> Result<(String, CanonicalJsonValue)> {
        let key = self.signed(json!({"key": self.curve25519(number)}))?;
        Ok((format!("signed_curve25519:{number}"), CanonicalJsonValue::Object(key)))
    }

    fn curve25519(&self, number: u32) -> String {
        let mut seed = *self.secret.to_bytes();
        seed[..4].copy_from_slice(&number.to_be_bytes());
        Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(&seed)).to_base64()
    }

    /// An object as the device signs it.
    ///
    /// # Errors
    /// When it is not canonical JSON.
    pub fn signed(&self, value: Value) -> Result<CanonicalJsonObject> {
        let mut object: CanonicalJsonObject = serde_json::from_value(value).context("not canonical JSON")?;
        let message = to_canonical_json_string_for_signing(&object)?;
        let signature = self.secret.sign(message.as_bytes()).to_base64();
        let key_id = format!("ed25519:{}", self.device_id);
        let signatures = json!({self.user_id.as_str(): {key_id: signature}});
        object.insert("signatures".to_owned(), serde_json::from_value(signatures)?);
        Ok(object)
    }
}
