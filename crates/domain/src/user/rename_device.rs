//! Renames a device (spec: `PUT /_matrix/client/v3/devices/{deviceId}`).

use ruma::{OwnedDeviceId, OwnedUserId};

use super::{UserState, devices::check_device, facts::DeviceRenamed};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Renames a device.
#[derive(Clone, Debug)]
pub struct RenameDevice {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// The device.
    pub device_id: OwnedDeviceId,
    /// The new name; none for no name.
    pub display_name: Option<String>,
}

impl Command for RenameDevice {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?;
        check_device(None, self.display_name.as_deref())?;
        let device = state.devices.get(&self.device_id).ok_or_else(|| Rejection::not_found("There is no such device."))?;
        if device.display_name == self.display_name {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = Fact::DeviceRenamed(DeviceRenamed {
            user_id: user_id.clone(),
            device_id: self.device_id,
            display_name: self.display_name,
        });
        Ok(Decision::accept([fact], ()))
    }
}
