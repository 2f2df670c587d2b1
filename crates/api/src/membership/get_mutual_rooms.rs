//! `GET /_matrix/client/v1/mutual_rooms`, and by the name of before it was in the specification (MSC2666).

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    OwnedRoomId, UInt, UserId,
    api::client::membership::get_mutual_rooms::{unstable, v1},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<v1::Request>,
) -> Result<Ruma<v1::Response>, ApiError> {
    let joined = mutual_rooms(&engine, &sender, &request.user_id).await?;
    Ok(Ruma(v1::Response::new(UInt::new_saturating(joined.len() as u64), joined)))
}

pub(crate) async fn handle_unstable(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<unstable::Request>,
) -> Result<Ruma<unstable::Response>, ApiError> {
    Ok(Ruma(unstable::Response::new(mutual_rooms(&engine, &sender, &request.user_id).await?)))
}

/// The rooms that both are joined to, all of them: the answer has no more than the sender is in. Of people who are not there it says the
/// same as of strangers.
async fn mutual_rooms(engine: &Engine, sender: &Sender, other: &UserId) -> Result<Vec<OwnedRoomId>, ApiError> {
    if sender.user_id == *other {
        return Err(Rejection::invalid_param("Ask for the rooms that you share with somebody else.").into());
    }
    engine
        .read(&sender.user_id, |rows| {
            let mut mutual = Vec::new();
            for room in views::membership::joined_rooms(rows, &sender.user_id)? {
                if views::membership::joined_at(rows, &room, other)?.is_some() {
                    mutual.push(room);
                }
            }
            Ok(mutual)
        })
        .await
}
