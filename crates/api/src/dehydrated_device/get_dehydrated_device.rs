//! `GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::dehydrated_device::get_dehydrated_device::unstable::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(super) const NONE: &str = "There is no dehydrated device.";

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    _: Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let found = views::keys::dehydrated_device(&*engine.rows(), &sender.user_id)?;
    let (device_id, data) = found.ok_or_else(|| Rejection::not_found(NONE))?;
    Ok(Ruma(Response::new(device_id, data)))
}
