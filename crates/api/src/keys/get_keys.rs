//! `POST /_matrix/client/v3/keys/query`

use std::collections::BTreeMap;

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, DeviceId, OwnedDeviceId, UserId,
    api::client::keys::get_keys::v3::{Request, Response},
    encryption::DeviceKeys,
    serde::Raw,
};
use serde_json::json;
use views::{Rows, ViewFault};

use super::raw::raw;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

/// People whose keys are asked for in one request.
const USERS_MAX: usize = 10_000;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    if request.device_keys.len() > USERS_MAX {
        return Err(Rejection::invalid_param("Ask for the keys of at most 10,000 people at once.").into());
    }
    engine
        .read(&sender.user_id, |rows| {
            let mut response = Response::new();
            for (user_id, devices) in request.device_keys {
                if user_id.server_name() != engine.server_name() {
                    response.failures.insert(user_id.server_name().to_string(), json!({}));
                    continue;
                }
                let cross_signing = views::keys::cross_signing_keys(rows, &user_id, &sender.user_id)?;
                if let Some(key) = cross_signing.master {
                    response.master_keys.insert(user_id.clone(), raw(&key)?);
                }
                if let Some(key) = cross_signing.self_signing {
                    response.self_signing_keys.insert(user_id.clone(), raw(&key)?);
                }
                if let Some(key) = cross_signing.user_signing {
                    response.user_signing_keys.insert(user_id.clone(), raw(&key)?);
                }
                let keys = device_keys(rows, &user_id, &devices)?;
                response.device_keys.insert(user_id, keys);
            }
            Ok(Ruma(response))
        })
        .await
}

/// Keys of the devices that are asked for, or of all when none is named, each with the name its owner gave it.
fn device_keys(
    rows: &dyn Rows,
    user_id: &UserId,
    devices: &[OwnedDeviceId],
) -> Result<BTreeMap<OwnedDeviceId, Raw<DeviceKeys>>, ViewFault> {
    let mut found = views::keys::device_keys_of(rows, user_id)?;
    if !devices.is_empty() {
        found.retain(|device_id, _| devices.contains(device_id));
    }
    let with_name = |(device_id, keys): (OwnedDeviceId, CanonicalJsonObject)| {
        let keys = raw(&named(rows, user_id, &device_id, keys)?)?;
        Ok((device_id, keys))
    };
    found.into_iter().map(with_name).collect()
}

fn named(
    rows: &dyn Rows,
    user_id: &UserId,
    device_id: &DeviceId,
    mut keys: CanonicalJsonObject,
) -> Result<CanonicalJsonObject, ViewFault> {
    if let Some(name) = views::accounts::device(rows, user_id, device_id)?.and_then(|device| device.display_name) {
        let name = ("device_display_name".to_owned(), CanonicalJsonValue::String(name));
        keys.insert("unsigned".to_owned(), CanonicalJsonValue::Object([name].into_iter().collect()));
    }
    Ok(keys)
}
