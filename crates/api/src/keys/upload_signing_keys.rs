//! `POST /_matrix/client/v3/keys/device_signing/upload`

use axum::extract::State;
use domain::user::{
    cross_signing::{UploadCrossSigningKeys, needs_authentication},
    keys::object_of,
};
use engine::Engine;
use ruma::{
    CanonicalJsonObject,
    api::client::keys::upload_signing_keys::v3::{Request, Response},
    encryption::CrossSigningKey,
    serde::Raw,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
    uiaa::{self, Interactive},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Interactive { request: Ruma(request), begun }: Interactive<Ruma<Request>>,
) -> Result<Ruma<Response>, ApiError> {
    let read = |key: Option<Raw<CrossSigningKey>>| key.map(|key| object_of(key.json().get())).transpose();
    let (master, self_signing) = (read(request.master_key)?, read(request.self_signing_key)?);
    let user_signing = read(request.user_signing_key)?;
    let given = [master.as_ref(), self_signing.as_ref(), user_signing.as_ref()];
    let is_authenticated = asks_for_password(&engine, &sender, given)?;
    if is_authenticated {
        uiaa::confirm(&engine, &limits, &sender, &begun, request.auth.as_ref()).await?;
    }
    let user_id = sender.user_id;
    let command = UploadCrossSigningKeys { user_id, master, self_signing, user_signing, is_authenticated };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}

fn asks_for_password(engine: &Engine, sender: &Sender, given: [Option<&CanonicalJsonObject>; 3]) -> Result<bool, ApiError> {
    let current = views::keys::cross_signing_keys(&*engine.rows(), &sender.user_id, &sender.user_id)?;
    let current = [current.master.as_ref(), current.self_signing.as_ref(), current.user_signing.as_ref()];
    Ok(needs_authentication(given, current))
}
