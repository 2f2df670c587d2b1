//! `GET /_matrix/client/v3/user/{userId}/filter/{filterId}`

use axum::{Json, extract::State};
use domain::Rejection;
use engine::Engine;
use ruma::api::client::filter::get_filter::v3::Request;
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Json<Box<RawValue>>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let filter = views::account_data::filter(&*engine.rows(), &request.user_id, &request.filter_id)?;
    Ok(Json(filter.ok_or_else(|| Rejection::not_found("You have no such filter."))?))
}
