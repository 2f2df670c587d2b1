//! `POST /_matrix/client/v3/register`

use std::sync::Arc;

use axum::extract::{Query, State};
use domain::{
    Rejection,
    directory::{EmailAddress, Register, VerifyEmail, check_username},
    user::NewSession,
};
use engine::{Engine, SubmitError};
use ruma::{
    OwnedDeviceId, UserId,
    api::{
        client::{
            account::register::v3::Response,
            uiaa::{AuthData, AuthType},
        },
        error::ErrorKind,
    },
};
use serde::Deserialize;

use super::{
    password_length::check_password,
    sign_up_token::{ask_token, token_refused, token_stage},
};
use crate::{
    app::ApiSettings,
    body::Body,
    error::ApiError,
    extract::Ruma,
    limits::Limits,
    mailing::Mailing,
    session::lifetime::{duration, lifetime_ms},
    uiaa::{Ask, Begun, Interactive},
};

#[derive(Deserialize)]
pub(crate) struct Kind {
    kind: Option<String>,
}

/// The body of the specification, and an address to log in with: `docs/decisions/0003-email-without-smtp.md`.
#[derive(Deserialize)]
pub(crate) struct SignUp {
    username: Option<String>,
    password: Option<String>,
    device_id: Option<OwnedDeviceId>,
    initial_device_display_name: Option<String>,
    auth: Option<AuthData>,
    #[serde(default)]
    inhibit_login: bool,
    #[serde(default)]
    refresh_token: bool,
    #[serde(rename = "org.hearth.email")]
    email: Option<String>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    (State(limits), State(mailing)): (State<Limits>, State<Mailing>),
    Query(Kind { kind }): Query<Kind>,
    Interactive { request: Body(mut sign_up), begun }: Interactive<Body<SignUp>>,
) -> Result<Ruma<Response>, ApiError> {
    if kind.is_some_and(|kind| kind != "user") {
        return Err(Rejection::new(403, ErrorKind::GuestAccessForbidden, "This server has no guests.").into());
    }
    // As at log-in: people write their names with capitals, and user ids have none.
    if let Some(username) = &mut sign_up.username {
        username.make_ascii_lowercase();
    }
    // Before anything else is looked up: whoever cannot sign up is not told which names and addresses are taken.
    let token = ask_token(&engine, &settings, &begun, sign_up.auth.as_ref())?;
    let given = check(&engine, &sign_up)?;
    let proved = match token {
        None => without_token(&engine, &mailing, &begun, sign_up.auth.as_ref())?,
        Some(_) => None,
    };
    let email = proved.clone().or(given);
    let password = sign_up.password.ok_or_else(|| Rejection::bad_json("The password is missing."))?;
    check_password(&password)?;
    let session = NewSession {
        device_id: sign_up.device_id,
        display_name: sign_up.initial_device_display_name,
        lifetime_ms: lifetime_ms(&settings, sign_up.refresh_token),
    };
    let command = Register {
        username: sign_up.username,
        email: email.clone(),
        password_phc: Some(engine.passwords().hash(password).await?),
        session: (!sign_up.inhibit_login).then_some(session),
        token,
    };
    let registered = match engine.submit(command).await {
        // Somebody else took the last use in this moment.
        Err(SubmitError::Rejected(rejection)) if rejection.status == 401 => {
            return Err(token_refused(&token_stage(&engine, &begun), sign_up.auth.as_ref()));
        }
        registered => registered?,
    };
    token_stage(&engine, &begun).finish(sign_up.auth.as_ref());
    settle_address(&engine, (&limits, &mailing), &registered.user_id, (email, proved.is_some())).await?;
    let mut response = Response::new(registered.user_id);
    if let Some(session) = registered.session {
        response.access_token = Some(session.access_token);
        response.device_id = Some(session.device_id);
        response.refresh_token = session.refresh_token;
        response.expires_in = duration(session.lifetime_ms);
    }
    Ok(Ruma(response))
}

/// Lets somebody in where no token is asked for: as they come, or with the address that they have proved (`request_proof.rs`).
///
/// # Errors
/// 401 with what is asked for, such as when whoever reads the address has not said yet that it was they who asked.
fn without_token(
    engine: &Engine,
    mailing: &Mailing,
    begun: &Begun,
    auth: Option<&AuthData>,
) -> Result<Option<EmailAddress>, ApiError> {
    let ask = Ask::new(engine, AuthType::Dummy, begun, None);
    let ask = if mailing.is_on() { ask.or(AuthType::EmailIdentity) } else { ask };
    let AuthData::EmailIdentity(given) = ask.answer(auth)? else { return Ok(None) };
    let session = &given.thirdparty_id_creds;
    let proved = mailing.proved(engine, session.sid.as_str(), &session.client_secret);
    let not_yet = || ask.again(auth, Some((ErrorKind::Unauthorized, "Whoever reads the address has not confirmed it yet.")));
    proved.map(Some).ok_or_else(not_yet)
}

/// Notes that the address was proved, or asks whoever reads it.
async fn settle_address(
    engine: &Engine,
    (limits, mailing): (&Limits, &Mailing),
    user_id: &UserId,
    (email, is_proved): (Option<EmailAddress>, bool),
) -> Result<(), ApiError> {
    let Some(email) = email else { return Ok(()) };
    let user_id = user_id.to_owned();
    if is_proved {
        engine.submit(VerifyEmail { user_id, email }).await?;
    } else if limits.letter(email.as_str()).is_ok() {
        // Whoever signs up with an address that was written to too often signs up all the same, and asks again later.
        mailing.send_first_confirmation(engine, email, user_id).await;
    }
    Ok(())
}

/// Refuses what cannot come to anything before anybody is asked to authenticate, as the specification wants for names.
fn check(engine: &Engine, sign_up: &SignUp) -> Result<Option<EmailAddress>, ApiError> {
    let rows = engine.rows();
    if let Some(username) = &sign_up.username {
        let user_id = check_username(username, engine.server_name())?;
        if views::accounts::account(&*rows, &user_id)?.is_some() {
            return Err(Rejection::new(400, ErrorKind::UserInUse, "That user name is taken.").into());
        }
    }
    if let Some(password) = &sign_up.password {
        check_password(password)?;
    }
    let Some(email) = &sign_up.email else { return Ok(None) };
    let email = EmailAddress::parse(email).map_err(|_| Rejection::invalid_param("That is not an email address."))?;
    Ok(Some(email))
}
