//! What is known of the way to the server, and the wish to know it anew.

use std::{cell::Cell, rc::Rc};

use futures_channel::oneshot;
use hearth_web_state::connection::Connection;
use js_sys::Date;

/// A sync is answered at least this often while all is well.
const QUIET_MS: f64 = 45_000.0;

/// Cloning shares it.
#[derive(Clone, Default)]
pub(super) struct Link(Rc<Inner>);

#[derive(Default)]
struct Inner {
    now: Cell<Connection>,
    heard_ms: Cell<f64>,
    is_asked: Cell<bool>,
    waiting: Cell<Option<oneshot::Sender<()>>>,
}

impl Link {
    /// How it stands.
    pub(super) fn now(&self) -> Connection {
        self.0.now.get()
    }

    /// Takes down how it stands.
    pub(super) fn set(&self, now: Connection) {
        self.0.now.set(now);
        if now == Connection::Online {
            self.0.heard_ms.set(Date::now());
        }
    }

    /// Whether the server has been quiet for longer than it is when it can be reached.
    pub(super) fn is_doubtful(&self) -> bool {
        Date::now() - self.0.heard_ms.get() > QUIET_MS
    }

    /// Has it looked at now. With `in_doubt` also if the server was heard a moment ago.
    pub(super) fn look(&self, in_doubt: bool) {
        if in_doubt {
            self.0.heard_ms.set(0.0);
        }
        self.0.is_asked.set(true);
        if let Some(waiting) = self.0.waiting.take() {
            // Who waited may have gone on to something else; the next one to wait finds that it was asked for.
            let _ = waiting.send(());
        }
    }

    /// Returns when it is to be looked at, at once if it was asked for already. One waits at a time.
    pub(super) async fn asked(&self) {
        if !self.0.is_asked.get() {
            let (waiting, asked) = oneshot::channel();
            self.0.waiting.set(Some(waiting));
            // The other end is only dropped for the next one to wait.
            let _ = asked.await;
        }
        self.0.is_asked.set(false);
    }
}
