//! `POST /_matrix/client/v3/account/3pid/add`

use axum::extract::State;
use domain::{
    Rejection,
    directory::{AddEmail, EmailAddress, VerifyEmail},
};
use engine::Engine;
use ruma::{
    OwnedClientSecret,
    api::{
        client::{account::add_3pid::v3::Response, uiaa::AuthData},
        error::ErrorKind,
    },
};
use serde::Deserialize;

use crate::{
    body::Body,
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
    mailing::Mailing,
    uiaa::{self, Interactive},
};

/// An address that was proved by a message (`request_proof.rs`), or one that is proved afterwards:
/// `docs/decisions/0078-only-verified-addresses-get-links.md`.
#[derive(Deserialize)]
pub(crate) struct Add {
    auth: Option<AuthData>,
    #[serde(rename = "org.hearth.email")]
    email: Option<String>,
    sid: Option<String>,
    client_secret: Option<OwnedClientSecret>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    sender: Sender,
    Interactive { request: Body(add), begun }: Interactive<Body<Add>>,
) -> Result<Ruma<Response>, ApiError> {
    let Add { auth, email, sid, client_secret } = add;
    let (email, is_proved) = match (email, sid.zip(client_secret)) {
        (Some(email), _) => {
            let email = EmailAddress::parse(&email);
            (email.map_err(|_| Rejection::invalid_param("That is not an email address."))?, false)
        }
        // Before the password, which a client asks for once.
        (None, Some((session, secret))) => (mailing.proved(&engine, &session, &secret).ok_or_else(not_proved)?, true),
        (None, None) => {
            let message = "Neither sid with client_secret nor org.hearth.email is there.";
            return Err(Rejection::new(400, ErrorKind::MissingParam, message).into());
        }
    };
    uiaa::confirm(&engine, &limits, &sender, &begun, auth.as_ref()).await?;
    let user_id = sender.user_id;
    if is_proved {
        engine.submit(AddEmail { user_id: user_id.clone(), email: email.clone() }).await?;
        engine.submit(VerifyEmail { user_id, email }).await?;
        return Ok(Ruma(Response::new()));
    }
    // Before it is added, so that nobody has others written to by adding and removing addresses.
    if mailing.is_on() {
        limits.letter(user_id.as_str())?;
        limits.letter(email.as_str())?;
    }
    engine.submit(AddEmail { user_id: user_id.clone(), email: email.clone() }).await?;
    mailing.send_first_confirmation(&engine, email, user_id).await;
    Ok(Ruma(Response::new()))
}

fn not_proved() -> Rejection {
    let message = "Whoever reads the address has not confirmed it yet, or too long ago.";
    Rejection::new(400, ErrorKind::ThreepidAuthFailed, message)
}
