//! `GET /_matrix/client/v3/devices/{deviceId}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::device::get_device::v3::{Request, Response};

use super::render::render;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let device = views::accounts::device(&*engine.rows(), &sender.user_id, &request.device_id)?;
    let device = device.ok_or_else(|| Rejection::not_found("You have no such device."))?;
    Ok(Ruma(Response::new(render(device))))
}
