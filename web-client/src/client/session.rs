//! The session as kept between visits: whose it is, its token, and the name of its databases.
//!
//! It lives in local storage. Encryption keys do not: they are in IndexedDB, which matrix-sdk owns.

use std::time::Duration;

use hearth_web_state::{session::LOG_OUT_WITHIN_MS, trouble::Trouble};
use matrix_sdk::SessionTokens;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http;
use crate::browser;

const SESSION_KEY: &str = "hearth.session";
const LOG_OUT_WITHIN: Duration = Duration::from_millis(LOG_OUT_WITHIN_MS as u64);

/// Whose session this is and how to take it up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// `@alice:example.org`.
    pub(crate) user_id: String,
    /// This browser, as the server knows it.
    pub(crate) device_id: String,
    /// The secret that speaks for the person; never logged.
    pub(crate) access_token: String,
    /// What the next one is got with; sessions from before there were any have none, and a token that stays.
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
    /// The prefix of this session's databases.
    pub(crate) store: String,
}

impl Session {
    /// A new session; the databases are named after the device, so a second account never meets the first one's.
    pub(crate) fn new(user_id: String, device_id: String, access_token: String, refresh_token: Option<String>) -> Self {
        let store = format!("hearth-{device_id}");
        Self { user_id, device_id, access_token, refresh_token, store }
    }

    /// The session of the last visit, if there is one.
    pub(crate) fn load() -> Option<Self> {
        serde_json::from_str(&browser::stored(SESSION_KEY)?).ok()
    }

    /// The session that storage holds, by the prefix of its databases.
    pub(crate) fn kept() -> Option<String> {
        Self::load().map(|session| session.store)
    }

    /// The same session with other tokens.
    #[must_use]
    pub(crate) fn with_tokens(self, access_token: String, refresh_token: Option<String>) -> Self {
        Self { access_token, refresh_token, ..self }
    }

    /// The tokens, as the library has them.
    pub(super) fn tokens(&self) -> SessionTokens {
        SessionTokens { access_token: self.access_token.clone(), refresh_token: self.refresh_token.clone() }
    }

    /// Keeps the session for the next visit.
    ///
    /// # Errors
    /// [`Trouble::NoStorage`] when the browser keeps nothing.
    pub(crate) fn save(&self) -> Result<(), Trouble> {
        let text = serde_json::to_string(self).map_err(|_| Trouble::Unknown)?;
        if browser::store(SESSION_KEY, &text) { Ok(()) } else { Err(Trouble::NoStorage) }
    }
}

/// Tells the server that a session is over; whether it knows by then. One that it does not know any more is over too, but
/// a token that is over may only have to be renewed.
pub(crate) async fn end_session(session: &Session) -> bool {
    match log_out(&session.access_token).await {
        Some(401) => match renewed(session).await {
            Some(Some(token)) => matches!(log_out(&token).await, Some(200 | 401)),
            Some(None) => true,
            None => false,
        },
        status => status == Some(200),
    }
}

async fn log_out(token: &str) -> Option<u16> {
    let telling = http::request(Method::POST, "/_matrix/client/v3/logout").bearer_auth(token);
    http::answer(telling.timeout(LOG_OUT_WITHIN)).await.ok().map(|(status, _)| status)
}

/// Another token; `None` when the server could not be asked, `Some(None)` when it gives none.
async fn renewed(session: &Session) -> Option<Option<String>> {
    let Some(token) = &session.refresh_token else { return Some(None) };
    let asking = http::request(Method::POST, "/_matrix/client/v3/refresh").json(&json!({ "refresh_token": token }));
    match http::answer(asking.timeout(LOG_OUT_WITHIN)).await.ok()? {
        (200, answer) => Some(answer.get("access_token").and_then(Value::as_str).map(ToOwned::to_owned)),
        (401 | 403, _) => Some(None),
        _ => None,
    }
}
