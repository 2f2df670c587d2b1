//! Dehydrated devices (MSC3814): a device without a session that receives keys while its owner has no other device, and
//! that the owner's next device takes over.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedDeviceId, OwnedUserId,
    api::client::dehydrated_device::DehydratedDeviceData, serde::Raw,
};
use serde::{Deserialize, Serialize};

use super::{UserState, devices::check_device, keys::UploadKeys};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Bytes of the encrypted device.
const DATA_BYTES_MAX: usize = 256 << 10;

/// A person stored a dehydrated device; it has no session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DehydratedDeviceSet {
    /// The device, encrypted by its owner.
    pub data: Raw<DehydratedDeviceData>,
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// A dehydrated device is gone, with its keys and what waited for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DehydratedDeviceRemoved {
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// Stores a dehydrated device with its keys, in the place of the one there was.
#[derive(Clone, Debug)]
pub struct SetDehydratedDevice {
    /// Whose device.
    pub user_id: OwnedUserId,
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// The device, encrypted by its owner.
    pub data: Raw<DehydratedDeviceData>,
    /// Its signed identity keys.
    pub identity: CanonicalJsonObject,
    /// Its one-time keys by id.
    pub one_time: BTreeMap<String, CanonicalJsonValue>,
    /// Its fallback keys by id.
    pub fallback: BTreeMap<String, CanonicalJsonValue>,
}

impl Command for SetDehydratedDevice {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { user_id, device_id, data, identity, one_time, fallback } = self;
        check_device(Some(&device_id), None)?;
        if data.json().get().len() > DATA_BYTES_MAX {
            return Err(Rejection::too_large("A dehydrated device has at most 256 KiB."));
        }
        if data.deserialize().is_err() {
            return Err(Rejection::bad_json("The data of the dehydrated device does not read."));
        }
        if state.devices.get(&device_id).is_some() {
            return Err(Rejection::invalid_param("There is a session with that device id."));
        }
        let mut facts: Vec<_> = state.dehydrated.removed(&user_id).into_iter().collect();
        facts.push(Fact::DehydratedDeviceSet(DehydratedDeviceSet {
            user_id: user_id.clone(),
            device_id: device_id.clone(),
            data,
        }));
        // Whatever the old device had is dropped. What was given out stays spent.
        let is_new_device = true;
        let upload = UploadKeys { user_id, device_id, identity: Some(identity), one_time, fallback };
        facts.extend(upload.into_facts(&state.keys, is_new_device)?.0);
        Ok(Decision::accept(facts, ()))
    }
}

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

/// Which dehydrated device a person has.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DehydratedState {
    device_id: Option<OwnedDeviceId>,
}

impl DehydratedState {
    fn removed(&self, user_id: &OwnedUserId) -> Option<Fact> {
        let (user_id, device_id) = (user_id.clone(), self.device_id.clone()?);
        Some(Fact::DehydratedDeviceRemoved(DehydratedDeviceRemoved { user_id, device_id }))
    }

    /// Takes a fact in; those about other things leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::DehydratedDeviceSet(fact) => self.device_id = Some(fact.device_id.clone()),
            Fact::DehydratedDeviceRemoved(_) => self.device_id = None,
            _ => {}
        }
    }
}
