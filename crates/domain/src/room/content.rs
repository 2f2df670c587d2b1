//! Content as canonical JSON: what of JSON a PDU may hold.

use ruma::{CanonicalJsonObject, canonical_json::try_from_json_map};
use serde_json::{Value, value::RawValue};

use super::member::MemberProfile;
use crate::Rejection;

/// Reads content that a client sent.
///
/// # Errors
/// 400 `M_BAD_JSON` for anything but an object, for fractions, and for integers beyond 2^53.
pub fn content_of(raw: &RawValue) -> Result<CanonicalJsonObject, Rejection> {
    serde_json::from_str(raw.get())
        .map_err(|error| Rejection::bad_json(format!("The content is not an object of canonical JSON: {error}.")))
}

/// Content that is written down in this crate.
pub(super) fn object(value: Value) -> Result<CanonicalJsonObject, Rejection> {
    let Value::Object(map) = value else {
        return Err(Rejection::bad_json("The content is not an object."));
    };
    try_from_json_map(map).map_err(|error| Rejection::bad_json(format!("The content is not canonical JSON: {error}.")))
}

/// The content of a member event.
pub(super) fn member_content(
    membership: &str,
    profile: Option<&MemberProfile>,
    reason: Option<&str>,
) -> CanonicalJsonObject {
    let mut content = CanonicalJsonObject::new();
    content.insert("membership".to_owned(), membership.to_owned().into());
    if let Some(profile) = profile {
        if let Some(name) = &profile.display_name {
            content.insert("displayname".to_owned(), name.clone().into());
        }
        if let Some(avatar) = &profile.avatar_url {
            content.insert("avatar_url".to_owned(), avatar.clone().into());
        }
    }
    if let Some(reason) = reason {
        content.insert("reason".to_owned(), reason.to_owned().into());
    }
    content
}
