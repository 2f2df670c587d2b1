//! `DELETE /_matrix/client/v3/directory/room/{roomAlias}`

use axum::extract::State;
use domain::directory::RemoveAlias;
use engine::Engine;
use ruma::api::client::alias::delete_alias::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine.submit(RemoveAlias { sender: sender.user_id, alias: request.room_alias }).await?;
    Ok(Ruma(Response::new()))
}
