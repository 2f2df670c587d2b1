//! Stores a dehydrated device (MSC3814: `PUT /dehydrated_device`).

use std::collections::BTreeMap;

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedDeviceId, OwnedUserId,
    api::client::dehydrated_device::DehydratedDeviceData, serde::Raw,
};

use super::DehydratedDeviceSet;
use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{UserState, devices::check_device, keys::UploadKeys},
};

/// Bytes of the encrypted device.
pub const DATA_BYTES_MAX: usize = 256 << 10;

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
