//! Sign up and log in: from what a person typed to a [`Session`].
//!
//! Plain requests rather than the library's, because registration carries a field of our own (the e-mail address) and
//! because the databases are named after the device, which is known only afterwards.

use hearth_web_state::{identifier::Identifier, trouble::Trouble};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{http, session::Session};
use crate::browser;

/// What the sign-up form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignUp {
    /// The address to log in with and to be reached by.
    pub(crate) email: String,
    /// The local part of the user id to be.
    pub(crate) username: String,
    /// What others see; the username when empty.
    pub(crate) display_name: String,
    /// The password.
    pub(crate) password: String,
}

#[derive(Deserialize)]
struct Entered {
    user_id: String,
    device_id: String,
    access_token: String,
    refresh_token: Option<String>,
}

/// Creates the account and this browser's session in it, by an invite if there is one
/// (<https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register>).
///
/// # Errors
/// What the server refused, in terms of the form.
pub(crate) async fn sign_up(form: &SignUp, invite: Option<&str>) -> Result<Session, Trouble> {
    let mut body = json!({
        "username": form.username,
        "password": form.password,
        "initial_device_display_name": browser::device_name(),
        "refresh_token": true,
        (http::EMAIL): form.email.trim(),
    });
    if let Some(token) = invite {
        body["auth"] = json!({ "type": "m.login.registration_token", "token": token });
    }
    let (mut status, mut answer) = post("/_matrix/client/v3/register", &body).await?;
    if status == 401 {
        if invite.is_some() {
            return Err(Trouble::InviteOver);
        }
        if !answer["flows"].to_string().contains("m.login.dummy") {
            return Err(Trouble::InviteNeeded);
        }
        body["auth"] = json!({ "type": "m.login.dummy", "session": answer.get("session") });
        (status, answer) = post("/_matrix/client/v3/register", &body).await?;
    }
    entered(status, answer).map_err(Trouble::at_sign_up)
}

/// Whether an invite counts; `None` when the server did not say
/// (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity>).
pub(crate) async fn does_invite_count(token: &str) -> Option<bool> {
    // The script in `index.html` takes no token with characters that need escaping.
    let path = "/_matrix/client/v1/register/m.login.registration_token/validity?token=";
    let (_, answer) = http::answer(http::request(Method::GET, &format!("{path}{token}"))).await.ok()?;
    answer.get("valid")?.as_bool()
}

/// Opens a session in an existing account (<https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login>).
///
/// # Errors
/// What the server refused, in terms of the form.
pub(crate) async fn log_in(identifier: &Identifier, password: &str) -> Result<Session, Trouble> {
    let identifier = match identifier {
        Identifier::Username(user) | Identifier::UserId(user) => json!({ "type": "m.id.user", "user": user }),
        Identifier::Email(address) => json!({ "type": "m.id.thirdparty", "medium": "email", "address": address }),
    };
    let body = json!({
        "type": "m.login.password",
        "identifier": identifier,
        "password": password,
        "initial_device_display_name": browser::device_name(),
        "refresh_token": true,
    });
    let (status, answer) = post("/_matrix/client/v3/login", &body).await?;
    entered(status, answer).map_err(Trouble::at_login)
}

/// Takes up a session again that the server does not know any more, or whose token is over: as the same person and the same
/// device, with a new token.
///
/// # Errors
/// What the server refused, in terms of the form.
pub(crate) async fn log_in_again(session: Session, password: &str) -> Result<Session, Trouble> {
    let body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": session.user_id },
        "password": password,
        "device_id": session.device_id,
        "initial_device_display_name": browser::device_name(),
        "refresh_token": true,
    });
    let (status, answer) = post("/_matrix/client/v3/login", &body).await?;
    let entered = entered(status, answer).map_err(Trouble::at_login)?;
    // What is in the databases belongs to one device of one person.
    if entered.user_id != session.user_id || entered.device_id != session.device_id {
        return Err(Trouble::Server);
    }
    Ok(session.with_tokens(entered.access_token, entered.refresh_token))
}

/// Whether a username can still be had; `None` when the server did not say.
pub(crate) async fn is_username_free(username: &str) -> Option<bool> {
    // A username that can be asked for is made of characters that need no escaping, except the two replaced here.
    let username = username.replace('=', "%3D").replace('/', "%2F");
    let path = format!("/_matrix/client/v3/register/available?username={username}");
    let (status, body) = http::answer(http::request(Method::GET, &path)).await.ok()?;
    match status {
        200 => Some(true),
        400 => (body.get("errcode").and_then(Value::as_str) == Some("M_USER_IN_USE")).then_some(false),
        _ => None,
    }
}

async fn post(path: &str, body: &Value) -> Result<(u16, Value), Trouble> {
    http::answer(http::request(Method::POST, path).json(body)).await
}

fn entered(status: u16, answer: Value) -> Result<Session, Trouble> {
    if status == 200 {
        let entered: Entered = serde_json::from_value(answer).map_err(|_| Trouble::Server)?;
        return Ok(Session::new(entered.user_id, entered.device_id, entered.access_token, entered.refresh_token));
    }
    let errcode = answer.get("errcode").and_then(Value::as_str);
    Err(Trouble::from_answer(status, errcode, answer.get("retry_after_ms").and_then(Value::as_u64)))
}
