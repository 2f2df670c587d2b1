//! `POST /_matrix/client/v3/keys/signatures/upload`

use axum::extract::State;
use domain::{
    Rejection,
    user::{
        cross_signing::{SIGNED_OBJECTS_MAX, SignatureTarget, UploadSignatures},
        keys::object_of,
    },
};
use engine::Engine;
use ruma::api::client::keys::upload_signatures::v3::{Failure, Request, Response};
use serde_json::json;
use views::ViewFault;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let mut targets = Vec::new();
    for (user_id, signed_keys) in request.signed_keys {
        for (target, signed) in signed_keys.iter() {
            if targets.len() == SIGNED_OBJECTS_MAX {
                return Err(Rejection::invalid_param("One request has at most 500 signed objects.").into());
            }
            let (user_id, target) = (user_id.clone(), target.to_owned());
            targets.push(SignatureTarget { user_id, target, signed: object_of(signed.get())? });
        }
    }
    let failed = engine.submit(UploadSignatures { user_id: sender.user_id, targets }).await?;
    let mut response = Response::new();
    for failure in failed {
        let reason = json!({"errcode": failure.errcode, "error": failure.message});
        let reason: Failure =
            serde_json::from_value(reason).map_err(|error| ViewFault::caused("a failure does not read", error))?;
        response.failures.entry(failure.user_id).or_default().insert(failure.target, reason);
    }
    Ok(Ruma(response))
}
