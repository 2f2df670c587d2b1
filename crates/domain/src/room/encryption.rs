//! That a room's encryption is one that clients know, and that it stays on. What may stand there in clear says `in_clear`.

use ruma::{CanonicalJsonObject, CanonicalJsonValue, events::StateEventType};

use super::state::RoomState;
use crate::{Policy, Rejection};

/// The algorithm of encrypted rooms.
pub(super) const MEGOLM: &str = "m.megolm.v1.aes-sha2";

fn algorithm(content: &CanonicalJsonObject) -> Option<&str> {
    content.get("algorithm").and_then(CanonicalJsonValue::as_str)
}

/// A room that is to be encrypted has an algorithm that clients know.
///
/// # Errors
/// 403 `M_FORBIDDEN` when the server requires encryption and the content turns on something else.
pub(super) fn ensure_algorithm(content: &CanonicalJsonObject, policy: &Policy) -> Result<(), Rejection> {
    if policy.require_encryption && algorithm(content) != Some(MEGOLM) {
        return Err(Rejection::forbidden(format!("This server takes no other room encryption than {MEGOLM}.")));
    }
    Ok(())
}

/// Encryption cannot be turned off (spec: `m.room.encryption`), nor its algorithm be changed.
///
/// # Errors
/// 403 `M_FORBIDDEN` when the content would do so.
pub(super) fn ensure_stays_encrypted(
    state: &RoomState,
    content: &CanonicalJsonObject,
    policy: &Policy,
) -> Result<(), Rejection> {
    ensure_algorithm(content, policy)?;
    let Some(current) = state.get(&StateEventType::RoomEncryption, "") else {
        return Ok(());
    };
    let current = current.content_as::<CanonicalJsonObject>().unwrap_or_default();
    if algorithm(&current).is_some() && algorithm(&current) != algorithm(content) {
        return Err(Rejection::forbidden("The encryption of a room cannot be turned off or changed."));
    }
    Ok(())
}
