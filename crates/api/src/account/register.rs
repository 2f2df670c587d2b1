//! `POST /_matrix/client/v3/register`

use std::sync::Arc;

use axum::extract::{Query, State};
use domain::{
    Rejection,
    directory::{EmailAddress, Register, RegistrationToken, RegistrationTokenHash, check_username},
    user::NewSession,
};
use engine::{Engine, SubmitError};
use ruma::{
    OwnedDeviceId,
    api::{
        client::{
            account::register::v3::Response,
            uiaa::{AuthData, AuthType},
        },
        error::ErrorKind,
    },
};
use serde::Deserialize;

use super::password_length::check_password;
use crate::{
    app::{ApiSettings, Registration},
    body::Body,
    error::ApiError,
    extract::Ruma,
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
    // Before anything is looked up: a closed server tells nobody which names are taken.
    if settings.registration == Registration::Closed {
        return Err(closed().into());
    }
    let token = match &settings.registration {
        // Where a token is needed, whoever has none is not told either.
        Registration::Invite(tokens) => Some(ask_token(&engine, &begun, tokens, sign_up.auth.as_ref())?),
        Registration::Open | Registration::Closed => None,
    };
    let email = check(&engine, &sign_up)?;
    if token.is_none() {
        Ask::new(&engine, AuthType::Dummy, &begun, None).answer(sign_up.auth.as_ref())?;
    }
    let password = sign_up.password.ok_or_else(|| Rejection::bad_json("The password is missing."))?;
    check_password(&password)?;
    let session = NewSession {
        device_id: sign_up.device_id,
        display_name: sign_up.initial_device_display_name,
        lifetime_ms: lifetime_ms(&settings, sign_up.refresh_token),
    };
    let command = Register {
        username: sign_up.username,
        email,
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
    let mut response = Response::new(registered.user_id);
    if let Some(session) = registered.session {
        response.access_token = Some(session.access_token);
        response.device_id = Some(session.device_id);
        response.refresh_token = session.refresh_token;
        response.expires_in = duration(session.lifetime_ms);
    }
    Ok(Ruma(response))
}

/// 403 `M_FORBIDDEN`.
pub(super) fn closed() -> Rejection {
    Rejection::forbidden("Nobody can sign up on this server.")
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

/// The token that somebody signs up with.
///
/// # Errors
/// 401 with what is asked for, and with the same words for a token that never counted, is used up, or has expired.
fn ask_token(
    engine: &Engine,
    begun: &Begun,
    tokens: &[RegistrationToken],
    auth: Option<&AuthData>,
) -> Result<RegistrationToken, ApiError> {
    let ask = token_stage(engine, begun);
    let AuthData::RegistrationToken(given) = ask.answer(auth)? else { return Err(ask.again(auth, None)) };
    valid_token(engine, tokens, &given.token)?.ok_or_else(|| token_refused(&ask, auth))
}

fn token_stage<'a>(engine: &'a Engine, begun: &'a Begun) -> Ask<'a> {
    Ask::new(engine, AuthType::RegistrationToken, begun, None)
}

fn token_refused(ask: &Ask<'_>, auth: Option<&AuthData>) -> ApiError {
    ask.again(auth, Some((ErrorKind::Forbidden, "That registration token does not count.")))
}

/// The token of the admin that was given, if it counts now. Hashes are compared, so that the time it takes tells nothing
/// of the token.
pub(super) fn valid_token(
    engine: &Engine,
    tokens: &[RegistrationToken],
    given: &str,
) -> Result<Option<RegistrationToken>, ApiError> {
    let hash = RegistrationTokenHash::of(given);
    let Some(token) = tokens.iter().find(|token| token.hash == hash) else { return Ok(None) };
    let uses = views::accounts::registration_token_uses(&*engine.rows(), hash)?;
    Ok(token.counts(uses, engine.now().0.into()).then_some(*token))
}
