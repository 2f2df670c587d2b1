//! What sliding sync connections have told their clients, in memory only.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use ruma::{OwnedDeviceId, OwnedUserId};
use views::sync::sliding::Connection;

use crate::sender::Sender;

/// Connections of one device.
const PER_DEVICE_MAX: usize = 8;
/// Devices with connections. One over and the half that was not used for longest has to start anew.
const DEVICES_MAX: usize = 20_000;

type Device = (OwnedUserId, OwnedDeviceId);

/// All connections. Cheap to clone.
#[derive(Clone, Default)]
pub struct Connections {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    devices: Mutex<HashMap<Device, OfDevice>>,
    /// Numbers responses, so that a `pos` of one connection is never one of another.
    next: AtomicU64,
}

#[derive(Default)]
struct OfDevice {
    used: u64,
    connections: HashMap<String, Told>,
}

/// The last two things told: the client may not have got the newer one, and then asks again from the older.
#[derive(Default)]
struct Told {
    used: u64,
    newest: Option<(u64, Arc<Connection>)>,
    before: Option<(u64, Arc<Connection>)>,
}

impl Connections {
    /// What the connection had told when it gave out `pos`; none when that is not known (any more).
    pub(super) fn at(&self, sender: &Sender, conn_id: &str, pos: u64) -> Option<Arc<Connection>> {
        let devices = self.inner.devices.lock();
        let told = devices.get(&key(sender))?.connections.get(conn_id)?;
        let matching = |slot: &Option<(u64, Arc<Connection>)>| {
            slot.as_ref().filter(|(at, _)| *at == pos).map(|(_, connection)| Arc::clone(connection))
        };
        matching(&told.newest).or_else(|| matching(&told.before))
    }

    /// Remembers what was told after `from`, and gives the new `pos`.
    pub(super) fn told(&self, sender: &Sender, conn_id: &str, from: Option<u64>, connection: Connection) -> u64 {
        let pos = self.inner.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut devices = self.inner.devices.lock();
        if devices.len() >= DEVICES_MAX && !devices.contains_key(&key(sender)) {
            forget_older_half(&mut devices);
        }
        let device = devices.entry(key(sender)).or_default();
        device.used = pos;
        if device.connections.len() >= PER_DEVICE_MAX && !device.connections.contains_key(conn_id) {
            let oldest = device.connections.iter().min_by_key(|(_, told)| told.used).map(|(id, _)| id.clone());
            oldest.and_then(|id| device.connections.remove(&id));
        }
        let told = device.connections.entry(conn_id.to_owned()).or_default();
        told.used = pos;
        // What the client came from stays, for the case that this response is lost.
        let newest = told.newest.take();
        told.before = [newest, told.before.take()].into_iter().flatten().find(|(at, _)| Some(*at) == from);
        told.newest = Some((pos, Arc::new(connection)));
        pos
    }
}

fn key(sender: &Sender) -> Device {
    (sender.user_id.clone(), sender.device_id.clone())
}

fn forget_older_half(devices: &mut HashMap<Device, OfDevice>) {
    let mut uses: Vec<u64> = devices.values().map(|device| device.used).collect();
    let middle = uses.len() / 2;
    let (_, median, _) = uses.select_nth_unstable(middle);
    let median = *median;
    devices.retain(|_, device| device.used > median);
}
