//! `PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`

use axum::extract::State;
use domain::user::{dehydrated::SetDehydratedDevice, keys::object_of};
use engine::Engine;
use ruma::api::client::dehydrated_device::put_dehydrated_device::unstable::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    keys::upload_keys::values,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let command = SetDehydratedDevice {
        user_id: sender.user_id.clone(),
        device_id: request.device_id.clone(),
        data: request.device_data,
        identity: object_of(request.device_keys.json().get())?,
        one_time: values(request.one_time_keys)?,
        fallback: values(request.fallback_keys)?,
    };
    engine.submit(command).await?;
    Ok(Ruma(Response::new(request.device_id)))
}
