//! A new password by a link that an admin has made, or that was sent by email. The endpoints are this server's own:
//! `docs/operations/accounts.md`, `docs/operations/email.md`.

use hearth_web_state::trouble::Trouble;
use reqwest::Method;
use serde_json::{Value, json};

use super::http;

const LINK: &str = "/_matrix/client/unstable/org.hearth.reset/link";
const EMAIL: &str = "/_matrix/client/unstable/org.hearth.reset/email";
const PASSWORD: &str = "/_matrix/client/unstable/org.hearth.reset/password";

/// Whose password the link with this token sets, as a user id.
///
/// # Errors
/// [`Trouble::NotAllowed`] for a link that does not count.
pub(crate) async fn whose_password(token: &str) -> Result<String, Trouble> {
    let answer = post(LINK, &json!({ "token": token })).await?;
    answer.get("user_id").and_then(Value::as_str).map(ToOwned::to_owned).ok_or(Trouble::Server)
}

/// Sets the password and uses the link up. Every session is ended if `logout_devices`.
///
/// # Errors
/// What the server refused; [`Trouble::NotAllowed`] for a link that does not count any more.
pub(crate) async fn set_new_password(token: &str, password: &str, logout_devices: bool) -> Result<(), Trouble> {
    let body = json!({ "token": token, "new_password": password, "logout_devices": logout_devices });
    post(PASSWORD, &body).await.map(drop)
}

/// Has a link sent to an address, if it is a confirmed one of an account: the server says the same for every address.
///
/// # Errors
/// What the server refused.
pub(crate) async fn send_reset_link(email: &str) -> Result<(), Trouble> {
    post(EMAIL, &json!({ "email": email })).await.map(drop)
}

async fn post(path: &str, body: &Value) -> Result<Value, Trouble> {
    let (status, answer) = http::answer(http::request(Method::POST, path).json(body)).await?;
    if status == 200 {
        return Ok(answer);
    }
    let errcode = answer.get("errcode").and_then(Value::as_str);
    Err(Trouble::from_answer(status, errcode, answer.get("retry_after_ms").and_then(Value::as_u64)))
}
