//! `POST /_matrix/client/unstable/org.hearth.reset/email`: sends a link for a new password, `{"email"}` → `{}`.
//!
//! The answer and its time are the same whether an account has the address or not: what is asked for is written down, and looked at later.

use axum::{Json, extract::State};
use domain::{Rejection, directory::EmailAddress};
use engine::{Engine, SubmitError};
use ruma::{
    SessionId,
    api::client::account::request_password_change_token_via_email::v3::{Request, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    body::Body,
    error::ApiError,
    extract::Ruma,
    limits::Limits,
    mailing::{Mailing, sends_none},
};

/// Letters of the name of a session, which nothing is asked by.
const SESSION_LETTERS: usize = 24;

#[derive(Deserialize)]
pub(crate) struct Asked {
    email: String,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, ApiError> {
    send(&engine, &limits, &mailing, &asked.email).await?;
    Ok(Json(json!({})))
}

/// `POST /_matrix/client/v3/account/password/email/requestToken`: the same for other clients. The link in the message leads to this
/// server's own page, where the password is set; the session that is answered counts for nothing.
pub(crate) async fn of_other_clients(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    send(&engine, &limits, &mailing, &request.email).await?;
    let session = SessionId::parse(engine.entropy().token(SESSION_LETTERS));
    let session = session.map_err(|error| SubmitError::Fault(Box::new(error)))?;
    Ok(Ruma(Response::new(session)))
}

async fn send(engine: &Engine, limits: &Limits, mailing: &Mailing, to: &str) -> Result<(), ApiError> {
    if !mailing.is_on() {
        return Err(sends_none().into());
    }
    let to = EmailAddress::parse(to).map_err(|_| Rejection::invalid_param("That is not an email address."))?;
    limits.letter(to.as_str())?;
    mailing.send_reset(engine, to).await
}
