//! `GET /_matrix/client/v3/devices`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::device::get_devices::v3::{Request, Response};

use super::render::render;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let devices = views::accounts::devices(&*engine.rows(), &sender.user_id)?;
    Ok(Ruma(Response::new(devices.into_iter().map(render).collect())))
}
