//! What `m.room.canonical_alias` may say (spec: `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`, 400 `M_BAD_ALIAS`).

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedRoomAliasId, api::error::ErrorKind, events::StateEventType};

use super::state::RoomState;
use crate::{Rejection, lookup::Lookup};

/// Addresses that one content can name: as many as a room can have.
const NAMED_MAX: usize = 100;

/// Makes sure that addresses which are new in the content lead to the room.
///
/// # Errors
/// 400 `M_BAD_ALIAS`; 400 `M_INVALID_PARAM` or `M_BAD_JSON` for what is no address.
pub(super) fn check_main_alias(
    state: &RoomState,
    content: &CanonicalJsonObject,
    lookup: &dyn Lookup,
) -> Result<(), Rejection> {
    let before = state.get(&StateEventType::RoomCanonicalAlias, "").and_then(|pdu| pdu.content_as()).unwrap_or_default();
    let before = named(&before)?;
    let named = named(content)?;
    if named.len() > NAMED_MAX {
        return Err(Rejection::invalid_param("A room has at most 100 addresses."));
    }
    for alias in named.iter().filter(|alias| !before.contains(alias)) {
        let alias = OwnedRoomAliasId::try_from(alias.as_str())
            .map_err(|_| Rejection::invalid_param("That is not a room address."))?;
        if lookup.room_of_alias(&alias)?.as_ref() != Some(state.id()?) {
            return Err(Rejection::new(400, ErrorKind::BadAlias, "The address does not lead to this room."));
        }
    }
    Ok(())
}

fn named(content: &CanonicalJsonObject) -> Result<Vec<String>, Rejection> {
    let text = |value: &CanonicalJsonValue| match value {
        CanonicalJsonValue::String(alias) => Ok(Some(alias.clone())),
        CanonicalJsonValue::Null => Ok(None),
        _ => Err(Rejection::bad_json("A room address is a text.")),
    };
    let mut names = Vec::new();
    names.extend(content.get("alias").map(text).transpose()?.flatten().filter(|alias| !alias.is_empty()));
    match content.get("alt_aliases") {
        None | Some(CanonicalJsonValue::Null) => {}
        Some(CanonicalJsonValue::Array(more)) => {
            for alias in more {
                names.extend(text(alias)?);
            }
        }
        Some(_) => return Err(Rejection::bad_json("alt_aliases is not a list.")),
    }
    Ok(names)
}
