//! `PUT /_matrix/client/v3/user/{userId}/account_data/{type}`

use axum::extract::State;
use domain::user::data::SetAccountData;
use engine::Engine;
use ruma::api::client::config::set_global_account_data::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let command = SetAccountData {
        user_id: sender.user_id,
        room_id: None,
        event_type: request.event_type.to_string(),
        content: request.data.into_json(),
    };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
