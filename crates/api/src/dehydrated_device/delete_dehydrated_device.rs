//! `DELETE /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`

use axum::extract::State;
use domain::user::dehydrated::RemoveDehydratedDevice;
use engine::Engine;
use ruma::api::client::dehydrated_device::delete_dehydrated_device::unstable::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    _: Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let device_id = engine.submit(RemoveDehydratedDevice { user_id: sender.user_id }).await?;
    Ok(Ruma(Response::new(device_id)))
}
