//! `POST /_matrix/client/v3/account/3pid/add`

use axum::extract::State;
use domain::{
    Rejection,
    directory::{AddEmail, EmailAddress},
};
use engine::Engine;
use ruma::api::{
    client::{account::add_3pid::v3::Response, uiaa::AuthData},
    error::ErrorKind,
};
use serde::Deserialize;

use crate::{
    body::Body,
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
    uiaa::{self, Interactive},
};

/// Instead of proof that an address is the sender's, which takes sending to it, the address itself:
/// `docs/decisions/0003-email-without-smtp.md`.
#[derive(Deserialize)]
pub(crate) struct Add {
    auth: Option<AuthData>,
    #[serde(rename = "org.hearth.email")]
    email: Option<String>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Interactive { request: Body(add), begun }: Interactive<Body<Add>>,
) -> Result<Ruma<Response>, ApiError> {
    let Some(email) = add.email else {
        let message = "This server sends no email, so that it cannot check addresses.";
        return Err(Rejection::new(403, ErrorKind::ThreepidDenied, message).into());
    };
    let email = EmailAddress::parse(&email).map_err(|_| Rejection::invalid_param("That is not an email address."))?;
    uiaa::confirm(&engine, &limits, &sender, &begun, add.auth.as_ref()).await?;
    engine.submit(AddEmail { user_id: sender.user_id, email }).await?;
    Ok(Ruma(Response::new()))
}
