//! The token that speaks for the person. It is over after a while and is renewed then, by the library for its own
//! requests and here for the others (<https://spec.matrix.org/v1.16/client-server-api/#refreshing-access-tokens>).

use std::error::Error;

use hearth_web_state::trouble::Trouble;
use matrix_sdk::{Client, RefreshTokenError, SessionTokens, ruma::api::error::ErrorKind};
use reqwest::RequestBuilder;
use serde_json::Value;

use super::{http, session::Session};

type Kept<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Sends a request for the person, once more if the token was over. The status and the body of the answer. One that asks for the password
/// is an answer too.
///
/// # Errors
/// [`Trouble::Unreachable`] when there was none in time.
pub(super) async fn ask(client: &Client, request: RequestBuilder) -> Result<(u16, Value), Trouble> {
    let again = request.try_clone();
    let answer = http::answer(request.bearer_auth(now(client))).await?;
    match again {
        Some(again) if answer.0 == 401 && answer.1.get("flows").is_none() && renew(client).await => {
            http::answer(again.bearer_auth(now(client))).await
        }
        _ => Ok(answer),
    }
}

/// The token as it is now.
pub(super) fn now(client: &Client) -> String {
    client.access_token().unwrap_or_default()
}

/// Asks for another token; whether there is one.
pub(super) async fn renew(client: &Client) -> bool {
    client.refresh_access_token().await.is_ok()
}

/// Whether the server gives no token any more. The library says so too when it only could not ask for one.
pub(super) async fn is_over(client: &Client) -> bool {
    match client.refresh_access_token().await {
        Ok(()) => false,
        Err(RefreshTokenError::RefreshTokenRequired) => true,
        Err(RefreshTokenError::MatrixAuth(error)) => {
            matches!(error.client_api_error_kind(), Some(ErrorKind::UnknownToken(_)))
        }
        Err(_) => false,
    }
}

/// Has every new token kept before it is used: the one before it counts until then, and not for long afterwards.
pub(super) fn keep_renewed(client: &Client) -> Result<(), matrix_sdk::Error> {
    client.set_session_callbacks(Box::new(reload), Box::new(keep))
}

fn reload(client: Client) -> Kept<SessionTokens> {
    Ok(of_this(&client)?.tokens())
}

fn keep(client: Client) -> Kept<()> {
    let tokens = client.session_tokens().ok_or("there is no session")?;
    of_this(&client)?.with_tokens(tokens.access_token, tokens.refresh_token).save().map_err(|_| "nothing can be kept")?;
    Ok(())
}

/// The session that is kept, if it is still this client's: after a log-out another may have taken its place.
fn of_this(client: &Client) -> Kept<Session> {
    let kept = Session::load().filter(|kept| client.device_id().is_some_and(|device| device.as_str() == kept.device_id));
    kept.ok_or_else(|| "the session is not kept any more".into())
}
