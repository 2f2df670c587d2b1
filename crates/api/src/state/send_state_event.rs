//! `PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}`

use axum::extract::State;
use domain::{
    Rejection, Stream,
    room::{SetState, content_of},
};
use engine::Engine;
use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedRoomAliasId, RoomId,
    api::{
        client::state::send_state_event::v3::{Request, Response},
        error::ErrorKind,
    },
    events::StateEventType,
};
use views::Rows;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let Request { room_id, event_type, state_key, body, .. } = request;
    let content = content_of(body.json())?;
    if event_type == StateEventType::RoomCanonicalAlias {
        check_aliases(&*engine.rows(), &room_id, &content)?;
    }
    let command = SetState { sender: sender.user_id, event_type, state_key, content };
    let event_id = engine.submit(Stream::Room(room_id), command).await?;
    Ok(Ruma(Response::new(event_id)))
}

/// Addresses that are new in the content must lead to this room (spec: 400 `M_BAD_ALIAS`).
fn check_aliases(rows: &dyn Rows, room: &RoomId, content: &CanonicalJsonObject) -> Result<(), ApiError> {
    let before: CanonicalJsonObject = views::rooms::state_event(rows, room, "m.room.canonical_alias", "")?
        .and_then(|(_, row)| row.content_as())
        .unwrap_or_default();
    let before = named(&before)?;
    for alias in named(content)?.iter().filter(|alias| !before.contains(alias)) {
        let known = OwnedRoomAliasId::try_from(alias.as_str())
            .map_err(|_| Rejection::invalid_param("That is not a room address."))?;
        if views::aliases::target_of(rows, &known)?.is_none_or(|target| target.room_id != *room) {
            return Err(Rejection::new(400, ErrorKind::BadAlias, "The address does not lead to this room.").into());
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
