//! `GET /_matrix/client/v3/directory/room/{roomAlias}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::alias::get_alias::v3::{Request, Response};

use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let target = views::aliases::target_of(&*engine.rows(), &request.room_alias)?
        .ok_or_else(|| Rejection::not_found("There is no such room address."))?;
    Ok(Ruma(Response::new(target.room_id, vec![engine.server_name().to_owned()])))
}
