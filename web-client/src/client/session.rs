//! The session as kept between visits: whose it is, its token, and the name of its databases.
//!
//! It lives in local storage. Encryption keys do not: they are in IndexedDB, which matrix-sdk owns.

use hearth_web_state::trouble::Trouble;
use serde::{Deserialize, Serialize};

use crate::browser;

const SESSION_KEY: &str = "hearth.session";
const HOMESERVER_KEY: &str = "hearth.homeserver";

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

    /// Keeps the session for the next visit.
    ///
    /// # Errors
    /// [`Trouble::NoStorage`] when the browser keeps nothing.
    pub(crate) fn save(&self) -> Result<(), Trouble> {
        let text = serde_json::to_string(self).map_err(|_| Trouble::Unknown)?;
        if browser::store(SESSION_KEY, &text) { Ok(()) } else { Err(Trouble::NoStorage) }
    }
}

/// The server's address: where the page came from, unless a developer put another into local storage.
pub(crate) fn homeserver() -> String {
    browser::stored(HOMESERVER_KEY).unwrap_or_else(browser::origin)
}
