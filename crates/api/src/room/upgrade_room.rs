//! `POST /_matrix/client/v3/rooms/{roomId}/upgrade`

use axum::extract::State;
use domain::{
    Rejection,
    directory::MoveAliases,
    room::{SetState, UpgradeRoom, content_of},
};
use engine::{Engine, SubmitError};
use ruma::{
    OwnedRoomAliasId, OwnedRoomId, RoomId, UserId,
    api::client::room::upgrade_room::v3::{Request, Response},
    events::StateEventType,
};
use serde_json::value::RawValue;

use super::create_room::check_version;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

/// More creators than that are no room's.
const CREATORS_MAX: usize = 100;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_version(&request.new_version)?;
    if request.additional_creators.len() > CREATORS_MAX {
        return Err(Rejection::invalid_param("That is too many creators.").into());
    }
    let (old, user) = (request.room_id, sender.user_id.clone());
    let (command, main_alias) = {
        let rows = engine.rows();
        let command = UpgradeRoom {
            room_id: old.clone(),
            sender: user.clone(),
            version: request.new_version,
            additional_creators: request.additional_creators,
        };
        (command, views::rooms::state_event(&*rows, &old, "m.room.canonical_alias", "")?)
    };
    let new = engine.submit(command).await?;
    let moved = engine.submit(MoveAliases { from: old.clone(), to: new.clone() }).await?;
    if let Some((_, row)) = main_alias {
        move_main_alias(&engine, &user, (old, &new), &row.content, &moved).await?;
    }
    Ok(Ruma(Response::new(new)))
}

/// The main address goes to the new room with the addresses themselves. Who may not change it leaves it as it is.
async fn move_main_alias(
    engine: &Engine,
    user: &UserId,
    (old, new): (OwnedRoomId, &RoomId),
    content: &RawValue,
    moved: &[OwnedRoomAliasId],
) -> Result<(), ApiError> {
    if moved.is_empty() {
        return Ok(());
    }
    let set = |room_id: &RoomId, content| SetState {
        room_id: room_id.to_owned(),
        sender: user.to_owned(),
        event_type: StateEventType::RoomCanonicalAlias,
        state_key: String::new(),
        content,
    };
    let steps = [set(&old, Default::default()), set(new, content_of(content)?)];
    for command in steps {
        match engine.submit(command).await {
            Ok(_) | Err(SubmitError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
