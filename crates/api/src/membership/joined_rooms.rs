//! `GET /_matrix/client/v3/joined_rooms`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::membership::joined_rooms::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    // Nothing bounds how many there are, but what long reads may read.
    let rooms = engine
        .read(&sender.user_id, |rows| Ok::<_, ApiError>(views::membership::joined_rooms(rows, &sender.user_id)?))
        .await?;
    Ok(Ruma(Response::new(rooms)))
}
