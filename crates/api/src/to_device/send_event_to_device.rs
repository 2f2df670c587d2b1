//! `PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}`

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use domain::{
    Stream,
    user::to_device::{Envelope, RECIPIENTS_MAX, SendToDevice, ToDeviceKey},
};
use engine::Engine;
use ruma::{
    OwnedDeviceId, UserId,
    api::client::to_device::send_event_to_device::v3::{Messages, Request, Response},
    to_device::DeviceIdOrAllDevices,
};
use views::{Fault, Rows};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let envelopes = envelopes(&*engine.rows(), request.messages)?;
    let key = ToDeviceKey {
        device_id: sender.device_id,
        event_type: request.event_type.to_string(),
        transaction_id: request.txn_id,
    };
    let stream = Stream::User(sender.user_id.clone());
    engine.submit(stream, SendToDevice { sender: sender.user_id, key, envelopes }).await?;
    Ok(Ruma(Response::new()))
}

/// One envelope for each device that exists. A message to a device that does not is dropped, as the spec has no error for
/// it; one to a named device goes before one to all.
fn envelopes(rows: &dyn Rows, messages: Messages) -> Result<Vec<Envelope>, Fault> {
    let mut envelopes = Vec::new();
    for (user_id, by_device) in messages {
        let devices = devices_of(rows, &user_id)?;
        let mut contents = BTreeMap::new();
        if let Some(content) = by_device.get(&DeviceIdOrAllDevices::AllDevices) {
            contents.extend(devices.iter().map(|device_id| (device_id.clone(), content.clone())));
        }
        contents.extend(by_device.into_iter().filter_map(|(device, content)| match device {
            DeviceIdOrAllDevices::DeviceId(device_id) if devices.contains(&device_id) => Some((device_id, content)),
            _ => None,
        }));
        envelopes.extend(contents.into_iter().map(|(device_id, content)| {
            let user_id = user_id.clone();
            Envelope { user_id, device_id, content }
        }));
        if envelopes.len() > RECIPIENTS_MAX {
            // The command refuses it; there is no need to go on.
            break;
        }
    }
    Ok(envelopes)
}

/// The devices of sessions, and those that have keys without a session: dehydrated ones.
fn devices_of(rows: &dyn Rows, user_id: &UserId) -> Result<BTreeSet<OwnedDeviceId>, Fault> {
    let mut devices: BTreeSet<_> =
        views::accounts::devices(rows, user_id)?.into_iter().map(|device| device.device_id).collect();
    devices.extend(views::keys::devices_with_keys(rows, user_id)?);
    Ok(devices)
}
