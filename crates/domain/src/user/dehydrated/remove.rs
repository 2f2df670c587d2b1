//! Removes the dehydrated device (MSC3814: `DELETE /dehydrated_device`).

use ruma::{OwnedDeviceId, OwnedUserId};

use crate::{Command, Context, Decision, Rejection, user::UserState};

/// Removes the dehydrated device.
#[derive(Clone, Debug)]
pub struct RemoveDehydratedDevice {
    /// Whose device.
    pub user_id: OwnedUserId,
}

impl Command for RemoveDehydratedDevice {
    type On = UserState;
    type Reply = OwnedDeviceId;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<OwnedDeviceId>, Rejection> {
        let none = || Rejection::not_found("There is no dehydrated device.");
        let device_id = state.dehydrated.device_id.clone().ok_or_else(none)?;
        let fact = state.dehydrated.removed(&self.user_id).ok_or_else(none)?;
        Ok(Decision::accept([fact], device_id))
    }
}
