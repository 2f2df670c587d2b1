//! What somebody signs up with: a token of the settings, one of an invite, or the link of a server that has no account.

use domain::{
    Rejection,
    directory::{RegistrationTokenHash, SignUpToken},
};
use engine::Engine;
use ruma::api::{
    client::uiaa::{AuthData, AuthType},
    error::ErrorKind,
};

use crate::{
    app::{ApiSettings, Registration},
    error::ApiError,
    uiaa::{Ask, Begun},
};

/// The token that somebody signs up with; none where none is needed and none that counts was given.
///
/// # Errors
/// 403 where nobody can sign up. 401 with what is asked for, and with the same words for a token that never counted, is used up, was
/// revoked or has expired.
pub(super) fn ask_token(
    engine: &Engine,
    settings: &ApiSettings,
    begun: &Begun,
    auth: Option<&AuthData>,
) -> Result<Option<SignUpToken>, ApiError> {
    let given = match auth {
        Some(AuthData::RegistrationToken(given)) => counting_token(engine, settings, &given.token)?,
        _ => None,
    };
    match (&settings.registration, given) {
        (Registration::Open, None) => Ok(None),
        (Registration::Closed, None) => Err(closed().into()),
        (_, given) => {
            let ask = token_stage(engine, begun);
            ask.answer(auth)?;
            given.map(Some).ok_or_else(|| token_refused(&ask, auth))
        }
    }
}

/// 403 `M_FORBIDDEN`.
pub(super) fn closed() -> Rejection {
    Rejection::forbidden("Nobody can sign up on this server.")
}

pub(super) fn token_stage<'a>(engine: &'a Engine, begun: &'a Begun) -> Ask<'a> {
    Ask::new(engine, AuthType::RegistrationToken, begun, None)
}

pub(super) fn token_refused(ask: &Ask<'_>, auth: Option<&AuthData>) -> ApiError {
    ask.again(auth, Some((ErrorKind::Forbidden, "That registration token does not count.")))
}

/// What a given token is, if it counts now. Hashes are compared, so that the time it takes tells nothing of the token.
pub(super) fn counting_token(engine: &Engine, settings: &ApiSettings, given: &str) -> Result<Option<SignUpToken>, ApiError> {
    let hash = RegistrationTokenHash::of(given);
    let rows = engine.rows();
    if settings.first_account == Some(hash) {
        let is_first = views::accounts::accounts_after(&*rows, None, 1)?.is_empty();
        return Ok(is_first.then_some(SignUpToken::First));
    }
    let configured = match &settings.registration {
        Registration::Open => [].as_slice(),
        Registration::Invite(tokens) => tokens.as_slice(),
        Registration::Closed => return Ok(None),
    };
    let (allowed, token) = match configured.iter().find(|token| token.hash == hash) {
        Some(allowed) => (*allowed, SignUpToken::Configured(*allowed)),
        None => match views::accounts::invite_of_token(&*rows, hash)? {
            Some(allowed) => (allowed, SignUpToken::Invite(hash)),
            None => return Ok(None),
        },
    };
    let uses = views::accounts::registration_token_uses(&*rows, hash)?;
    Ok(allowed.counts(uses, engine.now().0.into()).then_some(token))
}
