//! Public keys of end-to-end encryption as they stand in JSON: 32 bytes in base64, padded or not.
//!
//! The server only checks signatures and never encrypts, so this is all that it needs of Olm.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, general_purpose::NO_PAD},
};
use ed25519_dalek::{Signature, VerifyingKey};

/// Unpadded base64 is what the specification asks for; padding has always been taken as well.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A key that signs devices, one-time keys and other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ed25519PublicKey(VerifyingKey);

impl Ed25519PublicKey {
    /// None when the text is anything but base64 of a point on the curve.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        VerifyingKey::from_bytes(&bytes_of(text)?).ok().map(Self)
    }

    /// Unpadded.
    pub(crate) fn to_base64(self) -> String {
        BASE64.encode(self.0.as_bytes())
    }

    /// Whether `signature`, in base64, is this key's over `message`. Strict: a weak key has no signatures.
    pub(crate) fn verifies(self, message: &str, signature: &str) -> bool {
        bytes_of(signature)
            .is_some_and(|signature| self.0.verify_strict(message.as_bytes(), &Signature::from_bytes(&signature)).is_ok())
    }
}

/// Whether the text is a key for key agreement. All 32 bytes are one.
pub(super) fn is_curve25519(text: &str) -> bool {
    bytes_of::<32>(text).is_some()
}

fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vodozemac::{Curve25519PublicKey, Ed25519SecretKey, Ed25519Signature};

    use super::{Ed25519PublicKey, bytes_of, is_curve25519};

    #[test]
    fn nothing_is_signed_by_a_weak_key() {
        // The neutral element: a check that is not strict takes this signature for every message.
        let weak = Ed25519PublicKey::from_base64("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let signature = format!("AQ{}", "A".repeat(84));
        assert_eq!(bytes_of::<64>(&signature).unwrap()[..2], [1, 0]);
        assert!(!weak.verifies("anything", &signature));
    }

    proptest! {
        /// Clients sign with vodozemac; what it accepts is accepted here, and nothing else.
        #[test]
        fn keys_and_signatures_are_read_as_clients_read_them(
            seed: [u8; 32],
            message in ".{0,40}",
            bit in 0_usize..512,
            is_changed: bool,
            padding in 0_usize..4,
        ) {
            let secret = Ed25519SecretKey::from_slice(&seed);
            let theirs = secret.public_key();
            let ours = Ed25519PublicKey::from_base64(&theirs.to_base64()).unwrap();
            prop_assert_eq!(ours.to_base64(), theirs.to_base64());
            let mut signature = secret.sign(message.as_bytes()).to_bytes();
            signature[bit / 8] ^= u8::from(is_changed) << (bit % 8);
            let written = Ed25519Signature::from_slice(&signature).unwrap().to_base64() + &"=".repeat(padding);
            let is_right = Ed25519Signature::from_base64(&written)
                .is_ok_and(|signature| theirs.verify(message.as_bytes(), &signature).is_ok());
            prop_assert_eq!(ours.verifies(&message, &written), is_right);
            prop_assert_eq!(is_right, !is_changed && padding <= 2, "{}", written);
        }

        #[test]
        fn curve25519_keys_are_read_as_clients_read_them(text in "[A-Za-z0-9+/]{40,45}={0,2}") {
            prop_assert_eq!(is_curve25519(&text), Curve25519PublicKey::from_base64(&text).is_ok());
        }
    }
}
