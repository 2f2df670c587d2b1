//! A person's sessions. A session is a device: closing it removes the device (spec: "Relationship between access
//! tokens and devices").

use std::collections::BTreeMap;

use ruma::{DeviceId, OwnedDeviceId};
use serde::{Deserialize, Serialize};

use super::{session_tokens::SessionTokens, token::RefreshToken};
use crate::{Fact, Rejection};

/// How many sessions one account may have at once. Closing all of them fits into one batch of facts.
pub const DEVICES_MAX: usize = 900;
/// The longest display name of a device.
pub const DEVICE_NAME_BYTES_MAX: usize = 256;
/// The longest device id that a client may choose. Identifiers of the specification go up to 255.
const DEVICE_ID_BYTES_MAX: usize = 255;

/// The sessions of one account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DeviceState {
    devices: BTreeMap<OwnedDeviceId, Device>,
}

/// What decisions ask of one session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Device {
    /// The name that its owner gave it.
    pub display_name: Option<String>,
    /// Which tokens speak for it.
    pub tokens: SessionTokens,
}

impl DeviceState {
    /// One session.
    #[must_use]
    pub fn get(&self, device_id: &DeviceId) -> Option<&Device> {
        self.devices.get(device_id)
    }

    /// Ids of all sessions, in order.
    pub fn ids(&self) -> impl Iterator<Item = &OwnedDeviceId> {
        self.devices.keys()
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// True without sessions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The session that a refresh token counts for.
    #[must_use]
    pub fn of_refresh_token(&self, token: &RefreshToken) -> Option<&OwnedDeviceId> {
        self.devices.iter().find(|(_, device)| device.tokens.has_refresh(token)).map(|(id, _)| id)
    }

    /// The session that a refresh token counted for once.
    #[must_use]
    pub fn of_spent_refresh_token(&self, token: &RefreshToken) -> Option<&OwnedDeviceId> {
        self.devices.iter().find(|(_, device)| device.tokens.had_refresh(token)).map(|(id, _)| id)
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::SessionOpened(fact) => {
                let device = Device { display_name: fact.display_name.clone(), tokens: SessionTokens::default() };
                self.devices.insert(fact.device_id.clone(), device);
            }
            Fact::CredentialsSet(fact) => {
                if let Some(device) = self.devices.get_mut(&fact.device_id) {
                    device.tokens.set(fact);
                }
            }
            Fact::CredentialsUsed(fact) => {
                if let Some(device) = self.devices.get_mut(&fact.device_id) {
                    device.tokens.use_access(fact);
                }
            }
            Fact::DeviceRenamed(fact) => {
                if let Some(device) = self.devices.get_mut(&fact.device_id) {
                    device.display_name.clone_from(&fact.display_name);
                }
            }
            Fact::SessionClosed(fact) => {
                self.devices.remove(&fact.device_id);
            }
            _ => {}
        }
    }
}

/// Refuses ids and names that are too long or empty.
pub(super) fn check_device(device_id: Option<&DeviceId>, display_name: Option<&str>) -> Result<(), Rejection> {
    if device_id.is_some_and(|id| id.as_str().is_empty() || id.as_str().len() > DEVICE_ID_BYTES_MAX) {
        return Err(Rejection::invalid_param("A device id has 1 to 255 bytes."));
    }
    if display_name.is_some_and(|name| name.len() > DEVICE_NAME_BYTES_MAX) {
        return Err(Rejection::invalid_param("The display name of a device has at most 256 bytes."));
    }
    Ok(())
}
