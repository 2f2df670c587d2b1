//! The session as kept between visits: whose it is, its token, and the name of its databases.
//!
//! It lives in local storage. Encryption keys do not: they are in IndexedDB, which matrix-sdk owns.

use std::time::Duration;

use hearth_web_state::{session::LOG_OUT_WITHIN_MS, trouble::Trouble};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::http;
use crate::browser;

const SESSION_KEY: &str = "hearth.session";

/// Whose session this is and how to take it up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// `@alice:example.org`.
    pub(crate) user_id: String,
    /// This browser, as the server knows it.
    pub(crate) device_id: String,
    /// The secret that speaks for the person; never logged.
    pub(crate) access_token: String,
    /// The prefix of this session's databases.
    pub(crate) store: String,
}

impl Session {
    /// A new session; the databases are named after the device, so a second account never meets the first one's.
    pub(crate) fn new(user_id: String, device_id: String, access_token: String) -> Self {
        let store = format!("hearth-{device_id}");
        Self { user_id, device_id, access_token, store }
    }

    /// The session of the last visit, if there is one.
    pub(crate) fn load() -> Option<Self> {
        serde_json::from_str(&browser::stored(SESSION_KEY)?).ok()
    }

    /// The session that storage holds, by the prefix of its databases.
    pub(crate) fn kept() -> Option<String> {
        Self::load().map(|session| session.store)
    }

    /// The same session with another token.
    #[must_use]
    pub(crate) fn with_token(self, access_token: String) -> Self {
        Self { access_token, ..self }
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

/// Tells the server that a session is over; whether it knows by then. One that it does not know any more is over too.
pub(crate) async fn end_session(session: &Session) -> bool {
    let telling = http::request(Method::POST, "/_matrix/client/v3/logout").bearer_auth(&session.access_token);
    let told = http::answer(telling.timeout(Duration::from_millis(LOG_OUT_WITHIN_MS.into()))).await;
    matches!(told, Ok((200 | 401, _)))
}
