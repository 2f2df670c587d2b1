//! Devices and people with real keys, whose objects have the size that is asked for.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use domain::Fact;
use domain::user::keys::DeviceKeysUploaded;
use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedDeviceId, signatures::to_canonical_json_string_for_signing};
use serde_json::{Value, json};
use vodozemac::Ed25519SecretKey;

use crate::{ink::Ink, sessions::alice};

/// Somebody's key that signs, under its id.
pub(crate) struct Signer {
    secret: Ed25519SecretKey,
    /// Such as `ed25519:PHONE`.
    pub(crate) id: String,
}

impl Signer {
    /// The key of a device; `seed` tells keys apart.
    pub(crate) fn of_device(device_id: &str, seed: u8) -> Self {
        Self { secret: Ed25519SecretKey::from_slice(&[seed; 32]), id: format!("ed25519:{device_id}") }
    }

    /// A key that is named after itself, as those of people are.
    pub(crate) fn of_person(seed: u8) -> Self {
        let secret = Ed25519SecretKey::from_slice(&[seed; 32]);
        let id = format!("ed25519:{}", secret.public_key().to_base64());
        Self { secret, id }
    }

    /// The public key.
    pub(crate) fn public(&self) -> String {
        self.secret.public_key().to_base64()
    }

    /// Adds the signature of alice's key.
    pub(crate) fn sign(&self, object: &mut CanonicalJsonObject) {
        let signed = to_canonical_json_string_for_signing(object).unwrap();
        let signature = self.secret.sign(signed.as_bytes()).to_base64();
        let empty = || CanonicalJsonValue::Object(CanonicalJsonObject::new());
        let by_user = object.entry("signatures".to_owned()).or_insert_with(empty);
        let CanonicalJsonValue::Object(by_user) = by_user else { panic!("signatures are an object") };
        let by_key = by_user.entry(alice().to_string()).or_insert_with(empty);
        let CanonicalJsonValue::Object(by_key) = by_key else { panic!("signatures of a person are an object") };
        by_key.insert(self.id.clone(), CanonicalJsonValue::String(signature));
    }

    /// The object with the signature, filled up to so many bytes; as short as can be without.
    pub(crate) fn filled(&self, value: Value, ink: &Ink, bytes: Option<usize>) -> CanonicalJsonObject {
        let fill = |more: Option<CanonicalJsonObject>| {
            let mut object: CanonicalJsonObject = serde_json::from_value(value.clone()).unwrap();
            object.extend(more.map(|more| ("more".to_owned(), more.into())));
            self.sign(&mut object);
            object
        };
        let Some(bytes) = bytes else { return fill(None) };
        let around = json_bytes(&fill(Some(CanonicalJsonObject::new()))) - 2;
        let object = fill(Some(ink.canonical_inside(bytes - around)));
        assert_eq!(json_bytes(&object), bytes);
        object
    }
}

/// Bytes of the canonical JSON.
pub(crate) fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).unwrap().len()
}

/// 32 bytes that no other number makes.
pub(crate) fn curve25519(number: usize) -> String {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    STANDARD_NO_PAD.encode(bytes)
}

/// The identity of a device with so many public keys, of so many bytes.
pub(crate) fn identity(ink: &Ink, device_id: &str, seed: u8, keys: usize, bytes: Option<usize>) -> CanonicalJsonObject {
    let signer = Signer::of_device(device_id, seed);
    let mut public: serde_json::Map<String, Value> =
        (2..keys).map(|number| (format!("{number}"), json!(curve25519(number)))).collect();
    public.insert(signer.id.clone(), json!(signer.public()));
    public.insert(format!("curve25519:{device_id}"), json!(curve25519(0)));
    let value = json!({ "user_id": alice(), "device_id": device_id, "algorithms": [ink.text(9)], "keys": public });
    signer.filled(value, ink, bytes)
}

/// The fact that a device has an identity.
pub(crate) fn identified(ink: &Ink, device_id: &str, seed: u8) -> Fact {
    let keys = identity(ink, device_id, seed, 2, None);
    Fact::DeviceKeysUploaded(DeviceKeysUploaded { device_id: OwnedDeviceId::from(device_id), keys, user_id: alice() })
}

/// A one-time key with its id of so many bytes, itself of so many bytes.
pub(crate) fn one_time_key(
    ink: &Ink,
    signer: &Signer,
    number: usize,
    id: Option<usize>,
    bytes: Option<usize>,
) -> (String, CanonicalJsonValue) {
    let mut key_id = format!("signed_curve25519:{number}");
    if let Some(id) = id {
        key_id += &ink.text(id - key_id.len());
    }
    (key_id, signer.filled(json!({ "key": curve25519(number) }), ink, bytes).into())
}
