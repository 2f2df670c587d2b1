//! Makes the next PDU of a room: fills in its place, hashes and signs it, and asks the authorization rules.

use std::sync::Arc;

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedEventId, OwnedUserId, RoomId,
    events::TimelineEventType,
    room_version_rules::{RoomIdFormatVersion, RoomVersionRules},
    signatures::{hash_and_sign_event, reference_hash},
    state_res::{auth_types_for_event, check_pdu_format, check_state_dependent_auth_rules},
};
use serde_json::value::RawValue;

use super::{pdu::Pdu, state::RoomState};
use crate::{Context, Rejection};

/// What a client asks to have added to a room.
#[derive(Clone, Debug)]
pub struct PduDraft {
    /// Who sends it.
    pub sender: OwnedUserId,
    /// Its type.
    pub event_type: TimelineEventType,
    /// Present on state.
    pub state_key: Option<String>,
    /// Its content.
    pub content: CanonicalJsonObject,
    /// What it redacts, if it is a redaction.
    pub redacts: Option<OwnedEventId>,
}

/// Builds the PDU that follows the room's newest one. The caller adds it to the state when the room is to have it.
///
/// # Errors
/// 403 `M_FORBIDDEN` when the authorization rules of the room's version refuse it, 413 `M_TOO_LARGE` over 65,536 bytes or when the room's state
/// is full,
/// 404 when there is no such room.
pub fn build_pdu(state: &RoomState, draft: PduDraft, context: &Context<'_>) -> Result<Arc<Pdu>, Rejection> {
    let rules = state.rules()?;
    // The authorization rules that depend on state leave this one to the check of a PDU's own fields.
    if draft.event_type == TimelineEventType::RoomCreate && state.newest().is_some() {
        return Err(Rejection::forbidden("A room is created once."));
    }
    let raw_content = raw(&draft.content)?;
    let known = draft.state_key.is_none().then(|| state.allows(&draft.sender, &draft.event_type)).flatten();
    let auth_events = known.map_or_else(|| auth_events(state, &draft, &raw_content, rules), |known| Ok(known.to_vec()))?;
    let prev_events: Vec<_> = state.newest().map(|(id, _)| id.clone()).into_iter().collect();
    let depth = state.newest().map_or(1, |(_, depth)| depth + 1);
    let names_room = draft.event_type != TimelineEventType::RoomCreate || rules.room_id_format == RoomIdFormatVersion::V1;

    let mut object = CanonicalJsonObject::new();
    object.insert("auth_events".into(), ids(&auth_events));
    object.insert("content".into(), draft.content.into());
    object.insert("depth".into(), integer(depth));
    object.insert("origin_server_ts".into(), integer(context.now.0.into()));
    object.insert("prev_events".into(), ids(&prev_events));
    if let Some(redacts) = draft.redacts.as_ref().filter(|_| !rules.redaction.content_field_redacts) {
        object.insert("redacts".into(), redacts.to_string().into());
    }
    if names_room {
        object.insert("room_id".into(), state.id()?.to_string().into());
    }
    object.insert("sender".into(), draft.sender.to_string().into());
    if let Some(state_key) = &draft.state_key {
        object.insert("state_key".into(), state_key.clone().into());
    }
    object.insert("type".into(), draft.event_type.to_string().into());

    hash_and_sign_event(context.server_name.as_str(), context.signing_key, &mut object, &rules.redaction)
        .map_err(|error| too_large_or_bad(&error))?;
    check_pdu_format(&object, &rules.event_format).map_err(Rejection::too_large)?;
    let hash = reference_hash(&object, rules).map_err(|error| too_large_or_bad(&error))?;
    let event_id =
        OwnedEventId::try_from(format!("${hash}")).map_err(|_| Rejection::unknown("The event could not be given an id."))?;
    let room_id = if names_room {
        state.id()?.clone()
    } else {
        RoomId::new_v2(event_id.localpart()).map_err(|_| Rejection::unknown("The room could not be given an id."))?
    };
    let pdu = Pdu {
        event_id,
        room_id,
        sender: draft.sender,
        event_type: draft.event_type,
        state_key: draft.state_key,
        origin_server_ts: context.now,
        content: raw_content,
        prev_events,
        auth_events,
        redacts: draft.redacts,
        depth,
        json: raw(&object)?,
    };
    if known.is_none() {
        check_state_dependent_auth_rules(&rules.authorization, &pdu, |event_type, key| state.get(event_type, key))
            .map_err(|why| Rejection::forbidden(format!("The room does not allow this: {why}.")))?;
    }
    if !state.has_room_for(&pdu) {
        return Err(Rejection::too_large("The state of a room has at most 20,000 pieces and 16 MiB."));
    }
    Ok(Arc::new(pdu))
}

/// The ids of the state that allows a PDU (spec: "Auth events selection").
fn auth_events(
    state: &RoomState,
    draft: &PduDraft,
    content: &RawValue,
    rules: &RoomVersionRules,
) -> Result<Vec<OwnedEventId>, Rejection> {
    let types =
        auth_types_for_event(&draft.event_type, &draft.sender, draft.state_key.as_deref(), content, &rules.authorization)
            .map_err(|why| Rejection::bad_json(format!("The content does not fit the event type: {why}.")))?;
    let mut ids: Vec<OwnedEventId> =
        types.iter().filter_map(|(event_type, key)| state.get(event_type, key)).map(|pdu| pdu.event_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn ids(ids: &[OwnedEventId]) -> CanonicalJsonValue {
    CanonicalJsonValue::Array(ids.iter().map(|id| id.to_string().into()).collect())
}

/// Depths and times stay far below 2^53, the largest integer of canonical JSON.
fn integer(value: u64) -> CanonicalJsonValue {
    CanonicalJsonValue::Integer(ruma::Int::new_saturating(i64::try_from(value).unwrap_or(i64::MAX)))
}

fn raw(object: &CanonicalJsonObject) -> Result<Box<RawValue>, Rejection> {
    serde_json::value::to_raw_value(object).map_err(|_| Rejection::bad_json("The content has no JSON form."))
}

fn too_large_or_bad(error: &ruma::signatures::JsonError) -> Rejection {
    match error {
        ruma::signatures::JsonError::PduTooLarge => Rejection::too_large("The event is larger than 65,536 bytes."),
        other => Rejection::bad_json(format!("The event cannot be signed: {other}.")),
    }
}
