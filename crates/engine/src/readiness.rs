//! Whether the views follow the log: asked before every request, and waited for by whoever starts or ends the engine.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use projection::ViewFault;
use tokio::sync::Notify;

use crate::causes::with_causes;

/// Where the follower is in its life.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    is_ready: AtomicBool,
    /// The position that was reached, while catching up.
    reached: AtomicU64,
    stage: Mutex<Stage>,
    changed: Condvar,
    ended: Notify,
}

#[derive(Debug, Default)]
struct Stage {
    has_ended: bool,
    is_closing: bool,
    /// Why the views do not follow, or why the follower has ended.
    fault: Option<String>,
}

impl Readiness {
    /// Whether the views follow the log, so that they may be read.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::SeqCst)
    }

    pub(crate) fn reached(&self) -> u64 {
        self.reached.load(Ordering::Relaxed)
    }

    pub(crate) fn has_reached(&self, position: u64) {
        self.reached.store(position, Ordering::Relaxed);
    }

    /// The views do not follow until [`Readiness::ready`] is said.
    pub(crate) fn catching_up(&self) {
        self.is_ready.store(false, Ordering::SeqCst);
    }

    /// An attempt to catch up has failed; there will be another.
    pub(crate) fn failed(&self, fault: &ViewFault) {
        self.stage.lock().fault = Some(with_causes(fault));
    }

    pub(crate) fn ready(&self) {
        let mut stage = self.stage.lock();
        stage.fault = None;
        self.is_ready.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    /// The engine is being closed: nothing that failed is tried again.
    pub(crate) fn close(&self) {
        self.stage.lock().is_closing = true;
        self.changed.notify_all();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.stage.lock().is_closing
    }

    /// Waits for so long before the next attempt; false when there is to be none.
    pub(crate) fn may_try_again(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut stage = self.stage.lock();
        while !stage.is_closing {
            if self.changed.wait_until(&mut stage, until).timed_out() {
                return true;
            }
        }
        false
    }

    /// The follower is no more, because of the last fault that it told of if there is one.
    pub(crate) fn end(&self) {
        let mut stage = self.stage.lock();
        self.is_ready.store(false, Ordering::SeqCst);
        stage.has_ended = true;
        self.changed.notify_all();
        self.ended.notify_waiters();
    }

    /// What the last attempt to follow failed of.
    pub(crate) fn fault(&self) -> Option<String> {
        self.stage.lock().fault.clone()
    }

    /// Blocks until the views follow the log.
    pub(crate) fn wait(&self) -> Result<(), ViewFault> {
        let mut stage = self.stage.lock();
        while !self.is_ready() && !stage.has_ended {
            self.changed.wait(&mut stage);
        }
        if self.is_ready() {
            return Ok(());
        }
        Err(ViewFault::new(stage.fault.as_deref().unwrap_or("the follower has ended")))
    }

    /// Returns when the follower is no more.
    pub(crate) async fn wait_end(&self) {
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.stage.lock().has_ended {
                return;
            }
            ended.await;
        }
    }
}
