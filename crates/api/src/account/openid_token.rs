//! Tokens by which third parties learn who somebody is (spec: "OpenID"). The server keeps none: each says itself whose it is and until when,
//! and is signed by a secret of the process, with which all of them end.

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Engine;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs tokens. A new one with each start of the process.
static SECRET: OnceLock<[u8; 32]> = OnceLock::new();

/// A token of somebody, until a moment.
pub(super) fn token(engine: &Engine, user_id: &str, expires_at_ms: u64) -> String {
    let proof = signer(engine, user_id, expires_at_ms).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode([&expires_at_ms.to_be_bytes()[..], &proof, user_id.as_bytes()].concat())
}

/// Whose token it is, if it is one and has not ended.
pub(super) fn user_of(engine: &Engine, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (expiry, rest) = bytes.split_first_chunk::<8>()?;
    let (signed, user_id) = rest.split_first_chunk::<32>()?;
    let (expires_at_ms, user_id) = (u64::from_be_bytes(*expiry), std::str::from_utf8(user_id).ok()?);
    signer(engine, user_id, expires_at_ms).verify_slice(signed).ok()?;
    (expires_at_ms > u64::from(engine.now().0)).then(|| user_id.to_owned())
}

/// Has taken in what a token says.
fn signer(engine: &Engine, user_id: &str, expires_at_ms: u64) -> Hmac<Sha256> {
    // A shorter key is filled up with zeros to a block of the hash (RFC 2104).
    let mut key = [0; 64];
    key[..32].copy_from_slice(SECRET.get_or_init(|| engine.entropy().bytes()));
    let keyed: Hmac<Sha256> = KeyInit::new(&key.into());
    keyed.chain_update(expires_at_ms.to_be_bytes()).chain_update(user_id)
}
