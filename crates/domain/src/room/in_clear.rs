//! Which messages may stand in a room unencrypted when the server requires encryption.
//!
//! A list of what is allowed, not of what is refused: an event type that nobody here has heard of is content.

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedUserId, events::TimelineEventType};

/// The messages of a verification that goes on in a room (spec: "Key verification framework"), behind their common beginning.
const VERIFICATION: [&str; 8] = ["accept", "cancel", "done", "key", "mac", "ready", "request", "start"];
/// The message that asks for one. Some clients send it in clear, because the other side may have no keys yet.
const VERIFICATION_REQUEST: &str = "m.key.verification.request";
/// What such a request says to clients that cannot verify, bytes.
const FALLBACK_BYTES_MAX: usize = 1_024;
/// Methods that a request offers, and the bytes of each.
const METHODS_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 255;

/// True for messages that carry nothing a person wrote, or that are encrypted.
///
/// Reactions are sent in clear by every client of the protocol, because servers aggregate them; what that shows of a
/// conversation stands in `docs/what-the-server-sees.md`.
pub(super) fn is_allowed(event_type: &TimelineEventType, content: &CanonicalJsonObject) -> bool {
    match event_type.to_string().as_str() {
        "m.room.encrypted" | "m.reaction" | "m.room.redaction" => true,
        "m.room.message" => is_verification_request(content),
        other => other.strip_prefix("m.key.verification.").is_some_and(|step| VERIFICATION.contains(&step)),
    }
}

/// True for a request to verify that holds what the specification gives it and nothing else: no other words get in by it.
fn is_verification_request(content: &CanonicalJsonObject) -> bool {
    let text = |name: &str| content.get(name).and_then(CanonicalJsonValue::as_str);
    text("msgtype") == Some(VERIFICATION_REQUEST)
        && text("to").is_some_and(|to| OwnedUserId::try_from(to).is_ok())
        && text("from_device").is_some_and(|device| device.len() <= NAME_BYTES_MAX)
        && content.iter().all(|(name, value)| is_of_request(name, value))
}

fn is_of_request(name: &str, value: &CanonicalJsonValue) -> bool {
    match name {
        "msgtype" | "to" | "from_device" => true,
        "body" | "formatted_body" => value.as_str().is_some_and(|text| text.len() <= FALLBACK_BYTES_MAX),
        "format" => value.as_str() == Some("org.matrix.custom.html"),
        "methods" => value.as_array().is_some_and(|methods| methods.len() <= METHODS_MAX && methods.iter().all(is_name)),
        _ => false,
    }
}

fn is_name(value: &CanonicalJsonValue) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    value.as_str().is_some_and(|name| name.len() <= NAME_BYTES_MAX && name.bytes().all(is_of_name))
}
