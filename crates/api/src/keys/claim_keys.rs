//! `POST /_matrix/client/v3/keys/claim`

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use domain::{Rejection, user::keys::ClaimKeys};
use engine::Engine;
use futures_util::{StreamExt, stream};
use ruma::{
    DeviceId, OneTimeKeyAlgorithm, OwnedDeviceId, OwnedOneTimeKeyId, OwnedUserId, UserId,
    api::client::keys::claim_keys::v3::{OneTimeKeys, Request},
};
use serde::Serialize;
use serde_json::{Value, json};
use views::{Rows, ViewFault};

use super::raw::raw;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
};

/// People whose keys are claimed in one request.
const USERS_MAX: usize = 10_000;
/// An algorithm for each device of each person.
type OneTimeKeysAsked = BTreeMap<OwnedUserId, BTreeMap<OwnedDeviceId, OneTimeKeyAlgorithm>>;

/// Claims that wait for the log at once; they share its syncs.
const CLAIMS_AT_ONCE: usize = 64;

/// The answer. There are clients that refuse it without `failures`, which ruma leaves out when there are none.
#[derive(Default, Serialize)]
pub(crate) struct Claimed {
    failures: BTreeMap<String, Value>,
    one_time_keys: BTreeMap<OwnedUserId, OneTimeKeys>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Json<Claimed>, ApiError> {
    if request.one_time_keys.len() > USERS_MAX {
        return Err(Rejection::invalid_param("Claim the keys of at most 10,000 people at once.").into());
    }
    let mut response = Claimed::default();
    let (here, elsewhere): (OneTimeKeysAsked, OneTimeKeysAsked) =
        request.one_time_keys.into_iter().partition(|(owner, _)| owner.server_name() == engine.server_name());
    response.failures.extend(elsewhere.into_keys().map(|owner| (owner.server_name().to_string(), json!({}))));
    let may_claim = |owner: &UserId, device: &DeviceId| limits.may_claim(&sender.user_id, owner, device);
    let commands = engine.read(&sender.user_id, |rows| Ok::<_, ApiError>(claims(rows, here, may_claim)?)).await?;
    let claims = stream::iter(commands.into_iter().map(|command| claim(&engine, command)));
    let mut claims = claims.buffer_unordered(CLAIMS_AT_ONCE);
    while let Some(claimed) = claims.next().await {
        let (owner, keys) = claimed?;
        if !keys.is_empty() {
            response.one_time_keys.insert(owner, keys);
        }
    }
    drop(claims);
    Ok(Json(response))
}

/// A claim for each person with such devices. A device without identity keys has no other ones; no lane is started for somebody who
/// is not there. A device of which the claimer may take no one-time key keeps those for others.
fn claims(
    rows: &dyn Rows,
    asked: OneTimeKeysAsked,
    may_claim: impl Fn(&UserId, &DeviceId) -> bool,
) -> Result<Vec<ClaimKeys>, ViewFault> {
    let mut claims = Vec::new();
    for (owner, devices) in asked {
        let (mut claimable, mut fallback_only) = (BTreeMap::new(), BTreeSet::new());
        for (device_id, algorithm) in devices {
            if views::keys::has_device_keys(rows, &owner, &device_id)? {
                if !may_claim(&owner, &device_id) {
                    fallback_only.insert(device_id.clone());
                }
                claimable.insert(device_id, algorithm.to_string());
            }
        }
        if !claimable.is_empty() {
            claims.push(ClaimKeys { owner, devices: claimable, fallback_only });
        }
    }
    Ok(claims)
}

async fn claim(engine: &Engine, command: ClaimKeys) -> Result<(ruma::OwnedUserId, OneTimeKeys), ApiError> {
    let owner = command.owner.clone();
    let claimed = engine.submit(command).await?;
    let mut keys = OneTimeKeys::new();
    for (device_id, (key_id, key)) in claimed {
        let key_id =
            OwnedOneTimeKeyId::try_from(key_id).map_err(|error| ViewFault::caused("a key id does not read", error))?;
        keys.entry(device_id).or_default().insert(key_id, raw(&key)?);
    }
    Ok((owner, keys))
}
