//! Waiting until there is something to tell.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::user::unknown_access_token;
use engine::Engine;
use serde::Serialize;
use tokio::time::Instant;
use views::{Rows, SyncToken};

use crate::{
    error::ApiError,
    extract::{Sender, check_not_locked},
    own_writes::OwnWrites,
};

/// How often at most an answer is read anew because its device was answered a write meanwhile: clients write while they sync.
const REREAD_MAX: usize = 8;
/// Records after which an answer may be long.
const FAR_BEHIND_RECORDS: u64 = 1_000;

/// Asks `answer` until it has something to tell, `timeout` is over or the server stops, asking again whenever something touches the
/// sender.
///
/// `answer` gives what there is and whether that is nothing; `tell` makes of it what the client is sent, which is written where it
/// was read: it may be large. With `since` nothing is even asked before something touches the
/// sender, if nothing has since then: most polls come when there is nothing yet. `is_long` says that the first answer may take a while.
pub(super) async fn poll<T, R: Serialize>(
    (engine, own_writes): (&Engine, &OwnWrites),
    sender: &Sender,
    timeout: Duration,
    mut since: Option<SyncToken>,
    mut is_long: bool,
    mut answer: impl FnMut(&dyn Rows) -> Result<(T, bool), ApiError> + Send,
    mut tell: impl FnMut(T) -> R + Send,
) -> Result<Response, ApiError> {
    let deadline = Instant::now() + timeout;
    // Registered before rows are read, so that nothing falls in between.
    let waiter = engine.waiters().register(&sender.user_id);
    let mut reread = 0;
    let is_over = || Instant::now() >= deadline || engine.waiters().is_ending();
    let mut read = |rows: &dyn Rows| {
        check_still_in(rows, sender)?;
        let (news, is_empty) = answer(rows)?;
        Ok::<_, ApiError>((!is_empty || is_over()).then(|| Json(tell(news)).into_response()))
    };
    loop {
        let woken = waiter.woken();
        tokio::pin!(woken);
        woken.as_mut().enable();
        // Only now, when no wake can be missed any more.
        if since.take().is_some_and(|since| is_quiet_since(engine, sender, since)) && !is_over() {
            let _timed_out = tokio::time::timeout_at(deadline, woken).await;
            continue;
        }
        engine.expire_due().await;
        let own = own_writes.sync(sender);
        let user = &sender.user_id;
        let told = if is_long { engine.read(user, &mut read).await? } else { engine.read_news(user, &mut read).await? };
        if let Some(response) = told {
            // Boxed, as every waiting poll holds this future.
            let is_behind = Box::pin(own.settled()).await;
            if is_behind && reread < REREAD_MAX {
                reread += 1;
                continue;
            }
            return Ok(response);
        }
        drop(own);
        // What comes after the first answer is little. What is read again is as much as before.
        is_long = false;
        // On time-out the loop asks once more, so that the token is as new as can be.
        let _timed_out = tokio::time::timeout_at(deadline, woken).await;
    }
}

/// Whoever was logged out or locked while they waited is told nothing more.
///
/// # Errors
/// 401 `M_UNKNOWN_TOKEN` or `M_USER_LOCKED`.
fn check_still_in(rows: &dyn Rows, sender: &Sender) -> Result<(), ApiError> {
    check_not_locked(rows, &sender.user_id)?;
    match views::accounts::device(rows, &sender.user_id, &sender.device_id)? {
        Some(_) => Ok(()),
        None => Err(unknown_access_token(false).into()),
    }
}

/// True when nothing that the sender is told of has happened since `since`.
fn is_quiet_since(engine: &Engine, sender: &Sender, since: SyncToken) -> bool {
    since.typing == engine.ephemeral().newest() && !engine.waiters().may_be_touched(&sender.user_id, since.position)
}

/// True when a client has missed so much that what it missed may take a while to read.
pub(super) fn is_far_behind(engine: &Engine, position: u64) -> bool {
    engine.log().head().0.saturating_sub(position) > FAR_BEHIND_RECORDS
}
