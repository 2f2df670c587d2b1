//! `GET /_matrix/client/v3/pushers`

use axum::{Json, extract::State};
use engine::Engine;
use ruma::api::client::push::get_pushers::v3::Request;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

#[derive(Serialize)]
pub(crate) struct Pushers {
    pushers: Vec<Box<RawValue>>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Json<Pushers>, ApiError> {
    let pushers = views::push::pushers(&*engine.rows(), &sender.user_id)?;
    Ok(Json(Pushers { pushers: pushers.into_iter().map(|row| row.pusher).collect() }))
}
