//! A device's own sync never overtakes the answer to its own write: a client that hears of its message, its room or its keys before it
//! knows that it sent, joined or uploaded them falls into races that slower servers hide. Nor does it fall behind: what the device was
//! answered is in what its sync tells afterwards, or an older message that is told again would stand behind a newer one. Other devices
//! wait for nothing.

use std::{
    collections::{BTreeSet, HashMap},
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::Extensions;
use parking_lot::Mutex;
use ruma::{OwnedDeviceId, OwnedUserId};
use tokio::{sync::Notify, time::Instant};

use crate::sender::Sender;

/// The longest that a sync waits for a write. What takes longer is not decided at once, and no race.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How much later than the answer's last byte was handed on a sync is answered: the two go by different connections.
const AHEAD: Duration = Duration::from_millis(1);

type Name = (OwnedUserId, OwnedDeviceId);

/// The writes of devices that are not answered yet, and the syncs that are being answered. There are no more than requests.
#[derive(Clone, Default)]
pub struct OwnWrites {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    devices: Mutex<HashMap<Name, Device>>,
    next: AtomicU64,
}

#[derive(Default)]
struct Device {
    under_way: BTreeSet<u64>,
    answered: Arc<Notify>,
    /// How many were answered since the first of the syncs came.
    answered_count: u64,
    syncs: usize,
}

impl Device {
    fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.syncs == 0
    }
}

/// A sync from before it reads what it tells until it tells it.
pub(crate) struct OwnSync {
    writes: OwnWrites,
    name: Name,
    /// What had been answered when it came.
    seen: u64,
}

/// One write. It is under way from when its body was read until its answer was sent.
pub(crate) struct OwnWrite {
    writes: OwnWrites,
    name: Name,
    number: OnceLock<u64>,
}

impl OwnWrite {
    /// From now on syncs of the device wait.
    pub(crate) fn begin(&self) {
        let inner = &self.writes.inner;
        let mut devices = inner.devices.lock();
        // Under the lock, so that whoever looks afterwards finds it.
        let number = *self.number.get_or_init(|| inner.next.fetch_add(1, Ordering::Relaxed));
        devices.entry(self.name.clone()).or_default().under_way.insert(number);
    }
}

/// What a request writes is written from now on.
pub(crate) fn begin_write(extensions: &Extensions) {
    if let Some(write) = extensions.get::<Arc<OwnWrite>>() {
        write.begin();
    }
}

impl Drop for OwnWrite {
    fn drop(&mut self) {
        let Some(number) = self.number.get() else { return };
        let mut devices = self.writes.inner.devices.lock();
        let Some(device) = devices.get_mut(&self.name) else { return };
        device.under_way.remove(number);
        device.answered_count += 1;
        device.answered.notify_waiters();
        if device.is_idle() {
            devices.remove(&self.name);
        }
    }
}

impl Drop for OwnSync {
    fn drop(&mut self) {
        let mut devices = self.writes.inner.devices.lock();
        let Some(device) = devices.get_mut(&self.name) else { return };
        device.syncs = device.syncs.saturating_sub(1);
        if device.is_idle() {
            devices.remove(&self.name);
        }
    }
}

impl OwnSync {
    /// Waits until the writes of the device that are under way now are answered. True when a write was answered since this sync began to
    /// read: what it read may be older than the answer.
    pub(crate) async fn settled(&self) -> bool {
        self.writes.answered(&self.name).await;
        self.writes.inner.devices.lock().get(&self.name).is_some_and(|device| device.answered_count > self.seen)
    }
}

impl OwnWrites {
    /// A write that has not begun.
    pub(crate) fn of(&self, sender: &Sender) -> OwnWrite {
        let name = (sender.user_id.clone(), sender.device_id.clone());
        OwnWrite { writes: self.clone(), name, number: OnceLock::new() }
    }

    /// A sync of the device, which is about to read.
    pub(crate) fn sync(&self, sender: &Sender) -> OwnSync {
        let name = (sender.user_id.clone(), sender.device_id.clone());
        let mut devices = self.inner.devices.lock();
        let device = devices.entry(name.clone()).or_default();
        device.syncs += 1;
        OwnSync { writes: self.clone(), name, seen: device.answered_count }
    }

    async fn answered(&self, name: &Name) {
        let until = self.inner.next.load(Ordering::Relaxed);
        let deadline = Instant::now() + WAIT_MAX;
        let mut has_waited = false;
        while let Some(answered) = self.first_before(name, until) {
            let mut woken = pin!(answered.notified());
            woken.as_mut().enable();
            // Only now, when no answer can be missed any more.
            if self.first_before(name, until).is_none() {
                break;
            }
            has_waited = true;
            if tokio::time::timeout_at(deadline, woken).await.is_err() {
                return;
            }
        }
        if has_waited {
            tokio::time::sleep(AHEAD).await;
        }
    }

    /// Who is told of the next answer, if a write that began before number `until` has none.
    fn first_before(&self, name: &Name, until: u64) -> Option<Arc<Notify>> {
        let devices = self.inner.devices.lock();
        let device = devices.get(name)?;
        let is_under_way = device.under_way.first().is_some_and(|first| *first < until);
        is_under_way.then(|| Arc::clone(&device.answered))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future as _,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn device(name: &str) -> Sender {
        Sender { user_id: ruma::owned_user_id!("@alice:h"), device_id: name.into(), asked_at_ms: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_sync_waits_for_the_writes_of_its_device_that_were_there_before_it() {
        let writes = OwnWrites::default();
        let (phone, laptop) = (device("PHONE"), device("LAPTOP"));
        let first = writes.of(&phone);
        assert!(!writes.sync(&phone).settled().await, "not begun");
        first.begin();
        first.begin();
        assert!(!writes.sync(&laptop).settled().await, "another device's");
        let sync = writes.sync(&phone);
        let mut settled = pin!(sync.settled());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Pending);
        let later = writes.of(&phone);
        later.begin();
        drop(first);
        assert!(settled.as_mut().await, "what it read may not have the first");
        let next = writes.sync(&phone);
        drop(later);
        assert!(next.settled().await, "answered while it read");
        let slow = writes.of(&phone);
        slow.begin();
        let before = Instant::now();
        assert!(!writes.sync(&phone).settled().await);
        assert_eq!(before.elapsed(), WAIT_MAX, "not for ever");
        drop((slow, next));
        assert_eq!(writes.inner.devices.lock().len(), 1, "the first sync");
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_without_writes_and_syncs_takes_no_memory() {
        let writes = OwnWrites::default();
        let phone = device("PHONE");
        let (write, sync) = (writes.of(&phone), writes.sync(&phone));
        write.begin();
        drop(sync);
        assert_eq!(writes.inner.devices.lock().len(), 1);
        let sync = writes.sync(&phone);
        drop(write);
        assert_eq!(writes.inner.devices.lock().len(), 1);
        drop(sync);
        assert!(writes.inner.devices.lock().is_empty());
    }
}
