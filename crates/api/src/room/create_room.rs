//! `POST /_matrix/client/v3/createRoom`

use axum::extract::State;
use domain::{
    Rejection,
    room::{CreateNamedRoom, CreateRoom, INITIAL_STATE_MAX, INVITES_MAX, InitialState, NewRoom, ROOM_VERSIONS, content_of},
};
use engine::Engine;
use ruma::{
    CanonicalJsonObject, OwnedRoomAliasId, RoomAliasId, RoomVersionId, ServerName,
    api::{
        client::room::{
            Visibility,
            create_room::v3::{Request, Response, RoomPreset},
        },
        error::ErrorKind,
    },
    serde::Raw,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

/// The longest name or topic that is set while a room is created, bytes. Any state is bounded by the size of a PDU.
const TEXT_BYTES_MAX: usize = 16 * 1024;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let is_listed = request.visibility == Visibility::Public;
    let room = new_room(engine.server_name(), sender, request)?;
    let room_id = if is_listed || room.alias.is_some() {
        engine.submit(CreateNamedRoom { room, is_listed }).await?
    } else {
        engine.submit(CreateRoom(room)).await?
    };
    Ok(Ruma(Response::new(room_id)))
}

fn new_room(server: &ServerName, sender: Sender, request: Request) -> Result<NewRoom, ApiError> {
    if !request.invite_3pid.is_empty() {
        let message = "This server cannot invite by email address or telephone number.";
        return Err(Rejection::new(403, ErrorKind::ThreepidDenied, message).into());
    }
    if request.invite.len() > INVITES_MAX || request.initial_state.len() > INITIAL_STATE_MAX {
        return Err(Rejection::invalid_param("That is too many invites or too much state for one request.").into());
    }
    if [&request.name, &request.topic].into_iter().flatten().any(|text| text.len() > TEXT_BYTES_MAX) {
        return Err(Rejection::too_large("The name or the topic is too long.").into());
    }
    if let Some(version) = &request.room_version {
        check_version(version)?;
    }
    let is_public = request.visibility == Visibility::Public;
    let preset = match request.preset {
        None if is_public => RoomPreset::PublicChat,
        None => RoomPreset::PrivateChat,
        Some(preset @ (RoomPreset::PublicChat | RoomPreset::PrivateChat | RoomPreset::TrustedPrivateChat)) => preset,
        Some(_) => return Err(Rejection::invalid_param("There is no such preset.").into()),
    };
    Ok(NewRoom {
        creator: sender.user_id,
        version: request.room_version,
        preset,
        creation_content: object(request.creation_content.as_ref().map(Raw::json))?,
        initial_state: request.initial_state.iter().map(|raw| initial_state(raw.json())).collect::<Result<_, _>>()?,
        power_level_override: object(request.power_level_content_override.as_ref().map(Raw::json))?,
        name: request.name.filter(|name| !name.is_empty()),
        topic: request.topic.filter(|topic| !topic.is_empty()),
        alias: request.room_alias_name.map(|name| alias(&name, server)).transpose()?,
        invites: request.invite,
        is_direct: request.is_direct,
    })
}

fn object(raw: Option<&RawValue>) -> Result<CanonicalJsonObject, Rejection> {
    raw.map_or_else(|| Ok(CanonicalJsonObject::new()), content_of)
}

fn initial_state(raw: &RawValue) -> Result<InitialState, Rejection> {
    #[derive(Deserialize)]
    struct Given {
        #[serde(rename = "type")]
        event_type: String,
        #[serde(default)]
        state_key: String,
        content: Box<RawValue>,
    }
    let given: Given = serde_json::from_str(raw.get())
        .map_err(|error| Rejection::bad_json(format!("An entry of initial_state does not read: {error}.")))?;
    Ok(InitialState { event_type: given.event_type, state_key: given.state_key, content: content_of(&given.content)? })
}

/// Spec: `room_alias_name` is the local part alone.
fn alias(name: &str, server: &ServerName) -> Result<OwnedRoomAliasId, Rejection> {
    let is_local = !name.is_empty() && !name.contains([':', '#']) && !name.contains(char::is_whitespace);
    is_local
        .then(|| RoomAliasId::parse(format!("#{name}:{server}")).ok())
        .flatten()
        .ok_or_else(|| Rejection::invalid_param("That cannot be the local part of a room address."))
}

/// 400 `M_UNSUPPORTED_ROOM_VERSION` for versions that no room is made in here.
pub(crate) fn check_version(version: &RoomVersionId) -> Result<(), Rejection> {
    if ROOM_VERSIONS.contains(version) {
        return Ok(());
    }
    let message = "Rooms are made in versions 3 to 12 here.";
    Err(Rejection::new(400, ErrorKind::UnsupportedRoomVersion, message))
}
