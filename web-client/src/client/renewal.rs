//! What has to be made good when a session is taken up again that the server did not know any more, and what a session
//! still has to send.

use matrix_sdk::{
    ruma::api::client::keys::upload_keys,
    send_queue::{LocalEcho, LocalEchoContent},
};
use matrix_sdk_base::store::QueueWedgeError;

use super::{Account, trouble::of_sdk};
use crate::browser;
use hearth_web_state::trouble::Trouble;

impl Account {
    /// Gives the server the keys of this device once more. It throws them away with a session, and the library believes
    /// that it has them.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn renew_keys(&self) -> Result<(), Trouble> {
        let device = self.client.encryption().get_own_device().await.map_err(|_| Trouble::Unknown)?;
        let Some(device) = device else { return Ok(()) };
        let mut request = upload_keys::v3::Request::new();
        // With the signature of their owner, by which others know the device as confirmed.
        request.device_keys = Some(device.as_device_keys().to_raw());
        self.client.send(request).await.map_err(|error| of_sdk(&error.into()))?;
        Ok(())
    }

    /// Sends what the server refused only because it did not know the session.
    pub(crate) async fn send_refused_again(&self) {
        for echo in self.waiting().await {
            if let LocalEchoContent::Event { send_handle, send_error: Some(error), .. } = echo.content
                && is_of_session(&error)
                && send_handle.unwedge().await.is_err()
            {
                browser::warn("a message stays unsent until the person tries again");
            }
        }
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
