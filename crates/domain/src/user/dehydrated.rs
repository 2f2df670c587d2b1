//! Dehydrated devices (MSC3814): a device without a session that receives keys while its owner has no other device, and
//! that the owner's next device takes over.

mod facts;
mod remove;
mod set;
#[cfg(test)]
mod tests;

use ruma::{OwnedDeviceId, OwnedUserId};

use serde::{Deserialize, Serialize};

pub use facts::{DehydratedDeviceRemoved, DehydratedDeviceSet};
pub use remove::RemoveDehydratedDevice;
pub use set::{DATA_BYTES_MAX, SetDehydratedDevice};

use crate::Fact;

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
