//! Files of chats on the server: what it takes, and fetching them.

use hearth_web_state::{files::Failure, message::Media, trouble::Trouble};

use super::{Account, http::homeserver, token};
use crate::browser::{self, files::Kept};

impl Account {
    /// The most bytes that the server takes as one file; `None` when it does not say
    /// (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediaconfig>).
    pub(crate) async fn max_file_bytes(&self) -> Option<u64> {
        self.client.load_or_fetch_max_upload_size().await.ok().map(u64::from)
    }

    /// Fetches a file as one of the type `mime`, decrypted if it is encrypted. `report` is told how many bytes there
    /// are so far.
    ///
    /// # Errors
    /// [`Failure::Damaged`] when it is not what was sent.
    pub(crate) async fn fetch_file(&self, media: &Media, mime: &str, report: &dyn Fn(u64)) -> Result<Kept, Failure> {
        let path = media.path().ok_or(Failure::Gone)?;
        let url = format!("{}{path}", homeserver());
        let cipher = media.cipher.as_ref();
        let fetch = async || browser::files::fetch(&url, &token::now(&self.client), cipher, mime, report).await;
        match fetch().await {
            Err(Failure::Other(Trouble::SessionEnded)) if token::renew(&self.client).await => fetch().await,
            fetched => fetched,
        }
    }
}
