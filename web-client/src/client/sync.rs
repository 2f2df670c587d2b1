//! Keeps the account in step with the server and says how that goes.

use std::pin::pin;

use futures_util::{
    FutureExt,
    future::{Either, select},
    select_biased,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{backoff::Backoff, connection::Connection};
use js_sys::Date;
use matrix_sdk::{SessionChange, ruma::api::error::ErrorKind};
use matrix_sdk_ui::{
    encryption_sync_service::Error as EncryptionError,
    room_list_service::{Error as ListError, State as ListState},
    sync_service::{Error, State},
};

use super::{Account, calls::is_lagged, http, token};
use crate::browser;

/// How long what could not be sent waits at least before it is tried again.
const RESEND_AFTER_MS: u32 = 2_000;

impl Account {
    /// Starts syncing and reports every change of the connection; returns when the server does not take the token any more:
    /// whether it says that only the token is over. What the library calls running is only that it tries: the server can be
    /// reached when it has answered.
    pub(crate) async fn stay_in_step(&self, report: impl FnMut(Connection)) -> Option<bool> {
        let marking = self.mark_what_is_unkept();
        self.make_up_for_the_page_before().await;
        match select(pin!(self.stay(report)), pin!(marking)).await {
            Either::Left((end, _)) => end,
            // The library has ended.
            Either::Right(_) => None,
        }
    }

    async fn stay(&self, mut report: impl FnMut(Connection)) -> Option<bool> {
        let mut states = self.sync.state();
        let mut answers = self.sync.room_list_service().state();
        let mut sessions = self.client.subscribe_to_session_changes();
        let mut backoff = Backoff::default();
        let mut report = |now| {
            let is_news = self.link.now() != now;
            self.link.set(now);
            if is_news {
                report(now);
            }
        };
        self.client.send_queue().set_enabled(true).await;
        self.sync.start().await;
        loop {
            select_biased! {
                change = sessions.recv().fuse() => if let Ok(SessionChange::UnknownToken(refusal)) = change
                    && token::is_over(&self.client).await
                {
                    report(Connection::SignedOut);
                    return Some(refusal.soft_logout);
                },
                answer = answers.next().fuse() => match answer {
                    Some(ListState::SettingUp | ListState::Recovering | ListState::Running) => {
                        backoff.succeeded();
                        let was_online = self.link.now() == Connection::Online;
                        report(Connection::Online);
                        if !was_online {
                            // A send that failed for want of a connection disables the queue; it may try again now.
                            self.client.send_queue().set_enabled(true).await;
                        }
                    }
                    Some(_) => {}
                    None => return None,
                },
                state = states.next().fuse() => match state {
                    Some(State::Error(error)) => {
                        browser::warn(&format!("sync: {error}"));
                        let refused = if is_locked(&error) { Connection::Locked } else { Connection::Failed };
                        self.wait_for_server(&mut backoff, refused, &mut report).await;
                        self.sync.start().await;
                    }
                    Some(_) => {}
                    None => return None,
                },
                () = self.link.asked().fuse() => if self.link.is_doubtful() && !http::is_there().await {
                    // The sync may wait for an answer on a connection that is gone.
                    self.sync.stop().await;
                    self.wait_for_server(&mut backoff, Connection::Failed, &mut report).await;
                    self.sync.start().await;
                },
            }
        }
    }

    /// Returns once the server answers. Asks with growing pauses by one small request, where a sync would be two; at
    /// once when the network is back or the page is looked at. `refused` is what the failure says of the connection.
    async fn wait_for_server(&self, backoff: &mut Backoff, refused: Connection, report: &mut impl FnMut(Connection)) {
        let mut pause_ms = backoff.failed(Date::now(), browser::random() as u32);
        if pause_ms > 0 || refused == Connection::Locked {
            // Not the first failure in a row, and the server has not been asked yet whether it is there at all.
            report(refused);
        }
        loop {
            if let Either::Right(_) = select(TimeoutFuture::new(pause_ms), Box::pin(self.link.asked())).await {
                // Something has changed: it is asked again soon even if the network is not quite there yet.
                backoff.succeeded();
            }
            if http::is_there().await {
                return;
            }
            report(Connection::Offline);
            pause_ms = backoff.failed(Date::now(), browser::random() as u32);
        }
    }

    /// Tries again what could not be sent for want of the server. What was refused waits for the person.
    pub(crate) async fn keep_sending(&self) {
        let mut failures = self.client.send_queue().subscribe_errors();
        let mut backoff = Backoff::default();
        loop {
            let may_succeed = match failures.recv().await {
                Ok(failure) => failure.is_recoverable,
                Err(error) if is_lagged(&error) => true,
                Err(_) => return,
            };
            if !may_succeed {
                continue;
            }
            let pause_ms = backoff.failed(Date::now(), browser::random() as u32);
            TimeoutFuture::new(pause_ms.max(RESEND_AFTER_MS)).await;
            // While the server is away nothing is sent to it; when it is back, all of it goes out.
            if !self.link.now().is_away() {
                self.client.send_queue().set_enabled(true).await;
            }
        }
    }

    /// Finds out anew whether the server can be reached: the page is looked at again, or, `in_doubt`, the browser says
    /// that its network has changed.
    pub(crate) fn look_at_connection(&self, in_doubt: bool) {
        self.link.look(in_doubt);
    }

    /// Whether the server is known to be out of reach.
    pub(crate) fn is_away(&self) -> bool {
        self.link.now().is_away()
    }
}

/// Whether the server refuses because the account is locked (<https://spec.matrix.org/v1.16/client-server-api/#account-locking>).
fn is_locked(error: &Error) -> bool {
    let refused = match error {
        Error::RoomList(ListError::SlidingSync(refused))
        | Error::EncryptionSync(EncryptionError::SlidingSync(refused) | EncryptionError::ClientError(refused)) => refused,
        _ => return false,
    };
    matches!(refused.client_api_error_kind(), Some(ErrorKind::UserLocked))
}
