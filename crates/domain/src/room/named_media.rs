//! The media that an event names in clear. What is encrypted names none here.

use memchr::memmem;

use super::pdu::Pdu;

/// Media that are looked for in one event. What names more keeps the others for ever.
pub const NAMED_MEDIA_MAX: usize = 32;
/// The longest last part of an address that this server has ever made, bytes, and some.
const MEDIA_ID_BYTES_MAX: usize = 64;

/// The last parts of the addresses of this server's media that stand in an event, wherever in it, each once.
#[must_use]
pub fn named_media(pdu: &Pdu) -> Vec<String> {
    // Everybody who sends is of this server.
    let prefix = format!("mxc://{}/", pdu.sender.server_name());
    let mut named: Vec<String> = Vec::new();
    let json = pdu.json.get();
    for at in memmem::find_iter(json.as_bytes(), &prefix) {
        let rest = &json[at + prefix.len()..];
        let end = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let media_id = &rest[..end];
        let is_one = (1..=MEDIA_ID_BYTES_MAX).contains(&media_id.len());
        if is_one && named.len() < NAMED_MEDIA_MAX && !named.iter().any(|other| other == media_id) {
            named.push(media_id.to_owned());
        }
    }
    named
}
