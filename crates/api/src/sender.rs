//! Who sends a request. How a request is authenticated is in `extract.rs`.

use ruma::{OwnedDeviceId, OwnedUserId};
use views::sync::Caller;

/// Who sends the request: if it exists, the caller is authenticated.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// The person.
    pub(crate) user_id: OwnedUserId,
    /// The device that the access token was given to.
    pub(crate) device_id: OwnedDeviceId,
}

impl Sender {
    /// The sender as the views of syncing name them.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { user: &self.user_id, device: &self.device_id }
    }
}
