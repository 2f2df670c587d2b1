//! `PUT /_matrix/client/v3/directory/room/{roomAlias}`

use axum::extract::State;
use domain::directory::AddAlias;
use engine::Engine;
use ruma::api::client::alias::create_alias::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let command = AddAlias { sender: sender.user_id, alias: request.room_alias, room_id: request.room_id };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
