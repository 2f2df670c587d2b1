//! `GET /_matrix/client/v3/profile/{userId}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::profile::get_profile::v3::{Request, Response};

use crate::{error::ApiError, extract::Ruma, people::check_known};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    check_known(&*rows, &request.user_id)?;
    Ok(Ruma(views::accounts::profile(&*rows, &request.user_id)?.into_iter().collect()))
}
