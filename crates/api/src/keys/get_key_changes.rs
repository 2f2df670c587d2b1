//! `GET /_matrix/client/v3/keys/changes`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::keys::get_key_changes::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::position_of,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let from = position_of(&request.from)?;
    position_of(&request.to)?;
    engine
        .read(&sender.user_id, |rows| {
            let rooms = views::membership::rooms_of(rows, &sender.user_id)?;
            let shared = views::membership::shared_changes(rows, &sender.user_id, &rooms, from)?;
            let around = views::membership::users_sharing_rooms(rows, &sender.user_id)?;
            // Everything up to now, whatever `to` says: somebody who changed before and after it counts but once.
            let mut changed = views::keys::device_list_changes_since(rows, &sender.user_id, from, views::END)?;
            changed.retain(|user| *user == sender.user_id || around.contains(user));
            changed.extend(shared.gained);
            Ok(Ruma(Response::new(changed.into_iter().collect(), shared.lost.into_iter().collect())))
        })
        .await
}
