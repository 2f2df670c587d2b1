//! Keeps the account in step with the server and says how that goes.

use futures_util::{FutureExt, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::connection::Connection;
use matrix_sdk::SessionChange;
use matrix_sdk_ui::sync_service::State;

use super::{Account, calls::is_lagged};
use crate::browser;

/// How long what could not be sent waits before it is tried again. That the network is back is told at once.
const RESEND_AFTER_MS: u32 = 5_000;

impl Account {
    /// Starts syncing and reports every change of the connection; returns when the server does not take the token any more:
    /// whether it says that only the token is over.
    pub(crate) async fn stay_in_step(&self, mut report: impl FnMut(Connection)) -> Option<bool> {
        let mut states = self.sync.state();
        let mut sessions = self.client.subscribe_to_session_changes();
        let mut failures = 0;
        self.client.send_queue().set_enabled(true).await;
        self.sync.start().await;
        loop {
            select! {
                state = states.next().fuse() => match state {
                    Some(State::Running) => {
                        report(Connection::Online);
                        failures = 0;
                        // A send that failed for want of a connection disables the queue; it may try again now.
                        self.client.send_queue().set_enabled(true).await;
                    }
                    Some(State::Offline) => report(Connection::Offline),
                    Some(State::Error(error)) => {
                        browser::warn(&format!("sync: {error}"));
                        report(Connection::Failed);
                        TimeoutFuture::new(Connection::retry_delay_ms(failures)).await;
                        failures += 1;
                        self.sync.start().await;
                    }
                    Some(State::Idle | State::Terminated) => {}
                    None => return None,
                },
                change = sessions.recv().fuse() => if let Ok(SessionChange::UnknownToken(refusal)) = change {
                    report(Connection::SignedOut);
                    return Some(refusal.soft_logout);
                },
            }
        }
    }

    /// Tries again what could not be sent for want of the server. What was refused waits for the person.
    pub(crate) async fn keep_sending(&self) {
        let mut failures = self.client.send_queue().subscribe_errors();
        loop {
            let may_succeed = match failures.recv().await {
                Ok(failure) => failure.is_recoverable,
                Err(error) if is_lagged(&error) => true,
                Err(_) => return,
            };
            if may_succeed {
                TimeoutFuture::new(RESEND_AFTER_MS).await;
                self.client.send_queue().set_enabled(true).await;
            }
        }
    }

    /// Tries again at once, after the browser said that it is online.
    pub(crate) async fn retry_now(&self) {
        self.sync.start().await;
        self.client.send_queue().set_enabled(true).await;
    }
}
