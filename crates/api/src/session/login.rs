//! `POST /_matrix/client/v3/login`

use std::sync::Arc;

use axum::{Extension, extract::State};
use domain::{
    Rejection,
    user::{NewSession, OpenSession},
};
use engine::Engine;
use ruma::{
    OwnedDeviceId, OwnedUserId,
    api::{
        client::{session::login::v3::Response, uiaa::UserIdentifier},
        error::ErrorKind,
    },
};
use serde::Deserialize;

use super::lifetime::{duration, lifetime_ms};
use crate::{
    app::ApiSettings,
    body::Body,
    client_address::ClientAddress,
    error::ApiError,
    extract::{Ruma, check_not_locked},
    limits::{Guesser, Limits},
    uiaa::{PASSWORD_BYTES_MAX, user_of, user_of_name},
};

/// The body, with the fields that clients of older spec versions still send instead of `identifier`.
#[derive(Deserialize)]
pub(crate) struct Login {
    #[serde(rename = "type")]
    login_type: String,
    identifier: Option<UserIdentifier>,
    user: Option<String>,
    password: Option<String>,
    device_id: Option<OwnedDeviceId>,
    initial_device_display_name: Option<String>,
    #[serde(default)]
    refresh_token: bool,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(settings): State<Arc<ApiSettings>>,
    address: Option<Extension<ClientAddress>>,
    Body(mut login): Body<Login>,
) -> Result<Ruma<Response>, ApiError> {
    if login.login_type != "m.login.password" {
        return Err(Rejection::unknown("This server logs people in by password only.").into());
    }
    let password = login.password.take().ok_or_else(|| Rejection::bad_json("The password is missing."))?;
    let user_id = match (&login.identifier, &login.user) {
        (Some(identifier), _) => user_of(&engine, identifier)?,
        (None, Some(name)) => user_of_name(&engine, name),
        (None, None) => return Err(Rejection::bad_json("The identifier is missing.").into()),
    };
    let account = user_id.as_ref().map_or_else(|| named(&login), |user_id| user_id.as_str());
    let attempt = limits.guess(account, Guesser::Address(address.map(|Extension(address)| address)))?;
    let user_id = check(&engine, user_id.clone(), password).await?;
    attempt.was_right();
    // Told to those alone who know the password.
    check_not_locked(&*engine.rows(), &user_id)?;
    let session = NewSession {
        device_id: login.device_id,
        display_name: login.initial_device_display_name,
        lifetime_ms: lifetime_ms(&settings, login.refresh_token),
    };
    let opened = engine.submit(OpenSession { user_id: user_id.clone(), session }).await?;
    let mut response = Response::new(user_id, opened.access_token, opened.device_id);
    response.refresh_token = opened.refresh_token;
    response.expires_in = duration(opened.lifetime_ms);
    Ok(Ruma(response))
}

/// What somebody is named by who is not here. Attempts on them are counted as those on everybody, which tells nothing.
fn named(login: &Login) -> &str {
    match (&login.identifier, &login.user) {
        (Some(UserIdentifier::Matrix(name)), _) => &name.user,
        (Some(UserIdentifier::Email(email)), _) => &email.address,
        (None, Some(name)) => name,
        _ => "",
    }
}

/// Checks the password. What is wrong, the name or the password, neither the answer nor its time tells.
async fn check(engine: &Engine, user_id: Option<OwnedUserId>, password: String) -> Result<OwnedUserId, ApiError> {
    let wrong = || Rejection::forbidden("The user name or the password is wrong.");
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(wrong().into());
    }
    let (account, phc) = match &user_id {
        Some(user_id) => {
            let rows = engine.rows();
            (views::accounts::account(&*rows, user_id)?, views::accounts::password_phc(&*rows, user_id)?)
        }
        None => (None, None),
    };
    // The specification wants it said. The user name of a deactivated account is no secret any more.
    if account.is_some_and(|account| account.is_deactivated) {
        return Err(Rejection::new(403, ErrorKind::UserDeactivated, "This account has been deactivated.").into());
    }
    let is_right = engine.passwords().verify(password, phc).await?;
    match user_id {
        Some(user_id) if is_right => Ok(user_id),
        _ => Err(wrong().into()),
    }
}
