//! What may stand in a room unencrypted when the server requires encryption.
//!
//! A list of what is allowed, not of what is refused: an event type that nobody here has heard of is content.

/// True for message events that carry nothing a person wrote, or that are encrypted.
///
/// Reactions are sent in clear by every client of the protocol, because servers aggregate them; what that shows of a
/// conversation stands in `docs/what-the-server-sees.md`.
#[must_use]
pub fn is_allowed_in_clear(event_type: &str) -> bool {
    matches!(event_type, "m.room.encrypted" | "m.reaction" | "m.room.redaction")
        || event_type.starts_with("m.key.verification.")
}
