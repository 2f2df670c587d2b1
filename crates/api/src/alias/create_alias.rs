//! `PUT /_matrix/client/v3/directory/room/{roomAlias}`

use axum::extract::State;
use domain::{Stream, directory::AddAlias};
use engine::Engine;
use ruma::api::client::alias::create_alias::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    own::check_joined,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_joined(&*engine.rows(), &sender, &request.room_id)?;
    let command = AddAlias { sender: sender.user_id, alias: request.room_alias, room_id: request.room_id };
    engine.submit(Stream::Directory, command).await?;
    Ok(Ruma(Response::new()))
}
