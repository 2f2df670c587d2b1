//! Tokens by which third parties learn who somebody is (spec: "OpenID"). The server keeps none: each says itself whose it is and until when,
//! and is signed by a secret of the process, with which all of them end.

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Engine;
use sha2::{Digest, Sha256};

/// Signs tokens. A new one with each start of the process.
static SECRET: OnceLock<[u8; 32]> = OnceLock::new();

/// A token of somebody, until a moment.
pub(super) fn token(engine: &Engine, user_id: &str, expires_at_ms: u64) -> String {
    let proof = signature(engine, user_id, expires_at_ms);
    URL_SAFE_NO_PAD.encode([&expires_at_ms.to_be_bytes()[..], &proof, user_id.as_bytes()].concat())
}

/// Whose token it is, if it is one and has not ended.
pub(super) fn user_of(engine: &Engine, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (expiry, rest) = bytes.split_first_chunk::<8>()?;
    let (signed, user_id) = rest.split_first_chunk::<32>()?;
    let (expires_at_ms, user_id) = (u64::from_be_bytes(*expiry), std::str::from_utf8(user_id).ok()?);
    let counts = expires_at_ms > u64::from(engine.now().0) && signature(engine, user_id, expires_at_ms) == *signed;
    counts.then(|| user_id.to_owned())
}

fn signature(engine: &Engine, user_id: &str, expires_at_ms: u64) -> [u8; 32] {
    let secret = SECRET.get_or_init(|| engine.entropy().bytes());
    // Twice, so that nothing can be added to what is signed (as in RFC 2104).
    let inner =
        Sha256::new().chain_update(secret).chain_update(expires_at_ms.to_be_bytes()).chain_update(user_id).finalize();
    Sha256::new().chain_update(secret).chain_update(inner).finalize().into()
}
