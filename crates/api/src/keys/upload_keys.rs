//! `POST /_matrix/client/v3/keys/upload`

use std::collections::BTreeMap;

use axum::extract::State;
use domain::{
    Rejection,
    user::keys::{KEY_BYTES_MAX, UploadKeys, object_of},
};
use engine::Engine;
use ruma::{
    CanonicalJsonValue, OneTimeKeyAlgorithm, OwnedOneTimeKeyId, UInt,
    api::client::keys::upload_keys::v3::{Request, Response},
    encryption::OneTimeKey,
    serde::Raw,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let Sender { user_id, device_id, .. } = sender;
    let identity = request.device_keys.map(|keys| object_of(keys.json().get())).transpose()?;
    let one_time = values(request.one_time_keys)?;
    let fallback = values(request.fallback_keys)?;
    let counts = engine.submit(UploadKeys { user_id, device_id, identity, one_time, fallback }).await?;
    let counts = counts
        .into_iter()
        .map(|(algorithm, count)| (OneTimeKeyAlgorithm::from(algorithm), UInt::try_from(count).unwrap_or(UInt::MAX)));
    Ok(Ruma(Response::new(counts.collect())))
}

/// Keys by id, as canonical JSON.
pub(crate) fn values(
    keys: BTreeMap<OwnedOneTimeKeyId, Raw<OneTimeKey>>,
) -> Result<BTreeMap<String, CanonicalJsonValue>, Rejection> {
    let value = |json: &str| {
        if json.len() > KEY_BYTES_MAX {
            return Err(Rejection::too_large("A key with its signatures has at most 16 KiB."));
        }
        serde_json::from_str(json).map_err(|_| Rejection::bad_json("A key is not canonical JSON."))
    };
    keys.into_iter().map(|(id, key)| Ok((id.to_string(), value(key.json().get())?))).collect()
}
