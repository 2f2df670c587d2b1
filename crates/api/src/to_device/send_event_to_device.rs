//! `PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}`

use axum::extract::State;
use domain::user::to_device::{SendToDevice, ToDeviceKey};
use engine::Engine;
use ruma::api::client::to_device::send_event_to_device::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let key = ToDeviceKey {
        device_id: sender.device_id,
        event_type: request.event_type.to_string(),
        transaction_id: request.txn_id,
    };
    engine.submit(SendToDevice { sender: sender.user_id, key, messages: request.messages }).await?;
    Ok(Ruma(Response::new()))
}
