//! `POST /_matrix/client/v3/account/3pid/email/requestToken` and `POST /_matrix/client/v3/register/email/requestToken`: asks whoever
//! reads an address whether it was they who want to add it, or to sign up with it. The client that asked does so with the session of the
//! answer once they have said so (`add_3pid.rs`, `register.rs`).
//!
//! Whether an account has the address already makes no difference here: which ones have accounts is told to nobody but their readers.

use std::sync::Arc;

use axum::extract::State;
use domain::{Rejection, directory::EmailAddress};
use engine::{Engine, SubmitError};
use ruma::{
    ClientSecret, OwnedSessionId, SessionId, UInt,
    api::client::account::{
        request_3pid_management_token_via_email::v3 as add, request_registration_token_via_email::v3 as sign_up,
    },
};

use crate::{
    app::{ApiSettings, Registration},
    error::ApiError,
    extract::Ruma,
    limits::Limits,
    mailing::Mailing,
};

pub(crate) async fn to_add(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    Ruma(request): Ruma<add::Request>,
) -> Result<Ruma<add::Response>, ApiError> {
    let asked = (request.client_secret.as_ref(), request.send_attempt);
    let session = session(&engine, &limits, &mailing, &request.email, asked).await?;
    Ok(Ruma(add::Response::new(session)))
}

/// Only where anybody may sign up: a token is all that is asked for elsewhere, and the address is proved afterwards.
pub(crate) async fn to_sign_up(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    Ruma(request): Ruma<sign_up::Request>,
) -> Result<Ruma<sign_up::Response>, ApiError> {
    if !matches!(settings.registration, Registration::Open) {
        return Err(Rejection::forbidden("Nobody signs up on this server by email. Add the address afterwards.").into());
    }
    let asked = (request.client_secret.as_ref(), request.send_attempt);
    let session = session(&engine, &limits, &mailing, &request.email, asked).await?;
    Ok(Ruma(sign_up::Response::new(session)))
}

async fn session(
    engine: &Engine,
    limits: &Limits,
    mailing: &Mailing,
    to: &str,
    asked: (&ClientSecret, UInt),
) -> Result<OwnedSessionId, ApiError> {
    let to = EmailAddress::parse(to).map_err(|_| Rejection::invalid_param("That is not an email address."))?;
    let session = mailing.ask_for_proof(engine, limits, to, asked).await?;
    Ok(SessionId::parse(session).map_err(|error| SubmitError::Fault(Box::new(error)))?)
}
