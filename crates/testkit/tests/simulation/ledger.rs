//! What clients were told: the promises that the server is held to.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use domain::room::TransactionKey;
use ruma::{OwnedDeviceId, OwnedEventId, OwnedUserId};

/// A device by its owner and id.
pub(crate) type DeviceKey = (OwnedUserId, OwnedDeviceId);

/// Everything that any client was told.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Event ids of messages to the room, by transaction.
    pub(crate) messages: BTreeMap<TransactionKey, OwnedEventId>,
    /// Messages to devices that were acknowledged to their sender: the marker in each, and who was to get it.
    pub(crate) sent: BTreeSet<(String, DeviceKey)>,
    /// Messages to devices that were received, by marker and receiver.
    pub(crate) received: BTreeSet<(String, DeviceKey)>,
    /// One-time keys that were given out.
    pub(crate) claimed: BTreeSet<(DeviceKey, String)>,
}

impl Ledger {
    /// A message was acknowledged. A repeated request must be told the same event.
    pub(crate) fn message(&mut self, key: TransactionKey, event_id: OwnedEventId) -> Result<()> {
        let known = self.messages.entry(key.clone()).or_insert_with(|| event_id.clone());
        ensure!(*known == event_id, "{key:?} was acknowledged as {known} and then as {event_id}");
        Ok(())
    }

    /// A message to a device arrived. It must not arrive twice.
    pub(crate) fn receive(&mut self, marker: String, device: DeviceKey) -> Result<()> {
        ensure!(self.received.insert((marker.clone(), device.clone())), "{device:?} received {marker} twice");
        Ok(())
    }

    /// A one-time key was given out. It must not be given out twice.
    pub(crate) fn claim(&mut self, device: DeviceKey, key_id: String) -> Result<()> {
        ensure!(self.claimed.insert((device.clone(), key_id.clone())), "{key_id} of {device:?} was given out twice");
        Ok(())
    }
}
