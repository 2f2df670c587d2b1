//! Who sends a request. How a request is authenticated is in `extract.rs`.

use ruma::{OwnedDeviceId, OwnedUserId};
use views::{Reader, sync::Caller};

/// Who sends the request: if it exists, the caller is authenticated.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// The person.
    pub(crate) user_id: OwnedUserId,
    /// The device that the access token was given to.
    pub(crate) device_id: OwnedDeviceId,
    /// When they asked, milliseconds since the epoch: what they are shown is so old.
    pub(crate) asked_at_ms: u64,
}

impl Sender {
    /// The sender as the views of syncing name them; `reader` is the sender, of the rows that are read.
    pub(crate) fn caller<'a>(&'a self, reader: &'a Reader) -> Caller<'a> {
        Caller { reader, device: &self.device_id, now_ms: self.asked_at_ms }
    }
}
