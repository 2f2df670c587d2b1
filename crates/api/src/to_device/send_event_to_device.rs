//! `PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}`

use axum::extract::State;
use domain::user::to_device::{Messages, SendToDevice, ToDeviceKey};
use engine::Engine;
use ruma::{
    api::client::to_device::send_event_to_device::v3::{Request, Response},
    to_device::DeviceIdOrAllDevices,
};
use views::{Rows, ViewFault};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let copies = copied_bytes(&*engine.rows(), &request.messages)?;
    if copies > 0 {
        limits.more_bytes(&sender, copies)?;
    }
    let key = ToDeviceKey {
        device_id: sender.device_id,
        event_type: request.event_type.to_string(),
        transaction_id: request.txn_id,
    };
    engine.submit(SendToDevice { sender: sender.user_id, key, messages: request.messages }).await?;
    Ok(Ruma(Response::new()))
}

/// How many bytes a message to all devices of somebody becomes beyond those that the request has: it is kept once for each.
fn copied_bytes(rows: &dyn Rows, messages: &Messages) -> Result<u64, ViewFault> {
    let mut bytes = 0_u64;
    for (user_id, by_device) in messages {
        let Some(content) = by_device.get(&DeviceIdOrAllDevices::AllDevices) else { continue };
        let devices = views::accounts::devices(rows, user_id)?.len();
        let copied = content.json().get().len().saturating_mul(devices.saturating_sub(1));
        bytes = bytes.saturating_add(u64::try_from(copied).unwrap_or(u64::MAX));
    }
    Ok(bytes)
}
