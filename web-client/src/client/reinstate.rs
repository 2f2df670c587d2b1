//! What has to be made good when a session is taken up again that the server did not know any more, and what a session
//! still has to send.

use hearth_web_state::trouble::Trouble;
use matrix_sdk::send_queue::{LocalEcho, LocalEchoContent};
use matrix_sdk_base::store::QueueWedgeError;
use reqwest::Method;
use serde_json::json;

use super::{Account, http, session::Session};
use crate::browser;

impl Account {
    /// Makes this device whole again for the session it has just been given, before that is used: the server throws a device's
    /// keys away with its session, and the library believes them to be there. What was refused only because the server did
    /// not know the session is sent again by whoever opens the databases next.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn reinstate(&self, session: &Session) -> Result<(), Trouble> {
        let device = self.client.encryption().get_own_device().await.map_err(|_| Trouble::Unknown)?;
        if let Some(device) = device {
            // With the signature of their owner, by which others know the device as confirmed.
            let body = json!({ "device_keys": device.as_device_keys() });
            let upload = http::request(Method::POST, "/_matrix/client/v3/keys/upload");
            let (status, _) = http::answer(upload.bearer_auth(&session.access_token).json(&body)).await?;
            if status != 200 {
                return Err(Trouble::from_answer(status, None, None));
            }
        }
        for echo in self.waiting().await {
            if let LocalEchoContent::Event { send_handle, send_error: Some(error), .. } = echo.content
                && is_of_session(&error)
                && send_handle.unwedge().await.is_err()
            {
                browser::warn("a message stays unsent until the person tries again");
            }
        }
        Ok(())
    }

    /// How many messages are not sent yet.
    pub(crate) async fn unsent(&self) -> usize {
        self.waiting().await.len()
    }

    async fn waiting(&self) -> Vec<LocalEcho> {
        let by_room = self.client.send_queue().local_echoes().await.unwrap_or_default();
        by_room.into_values().flatten().collect()
    }
}

/// The library keeps of a refusal only how it reads.
fn is_of_session(error: &QueueWedgeError) -> bool {
    matches!(error, QueueWedgeError::GenericApiError { msg } if msg.contains("M_UNKNOWN_TOKEN"))
}
