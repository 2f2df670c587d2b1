//! Syncing: `/sync` and simplified sliding sync, and the waiting that both have in common.

mod connections;
mod sliding;
mod sync_events;

use std::time::Duration;

use domain::user::to_device::AcknowledgeInbox;
use engine::Engine;
use ruma::{
    OwnedUserId, RoomId,
    api::client::sync::sync_events::{v3, v5},
};
use tokio::time::Instant;
use views::{
    Rows,
    sync::{Caller, SyncToken},
};

pub use connections::Connections;

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
    extract::Sender,
};

/// The endpoints of this area.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<v3::Request, _, _>(Class::Sync, sync_events::handle)
        .endpoint::<v5::Request, _, _>(Class::Sync, sliding::handle)
}

impl Sender {
    fn caller(&self) -> Caller<'_> {
        Caller { user: &self.user_id, device: &self.device_id }
    }
}

/// The engine's typing hub, as the views ask it.
struct EngineTyping<'a>(&'a Engine);

impl views::sync::Typing for EngineTyping<'_> {
    fn newest(&self) -> u64 {
        self.0.ephemeral().newest()
    }

    fn since(&self, room: &RoomId, since: u64) -> Option<Vec<OwnedUserId>> {
        let hub = self.0.ephemeral();
        // A number from before a restart is larger than any of now.
        hub.typing_since(room, if since > hub.newest() { 0 } else { since })
    }
}

/// Asks `answer` until it has something to tell or `timeout` is over, asking again whenever something touches the sender.
///
/// `answer` gives the response and whether it is empty. With `since` it is not even asked before something touches the
/// sender, if nothing has since then: most polls come when there is nothing yet.
async fn poll<T>(
    engine: &Engine,
    sender: &Sender,
    timeout: Duration,
    mut since: Option<SyncToken>,
    mut answer: impl FnMut(&dyn Rows) -> Result<(T, bool), ApiError>,
) -> Result<T, ApiError> {
    let deadline = Instant::now() + timeout;
    // Registered before rows are read, so that nothing falls in between.
    let waiter = engine.waiters().register(&sender.user_id);
    loop {
        let woken = waiter.woken();
        tokio::pin!(woken);
        woken.as_mut().enable();
        // Only now, when no wake can be missed any more.
        if since.take().is_some_and(|since| is_quiet_since(engine, sender, since)) && Instant::now() < deadline {
            let _timed_out = tokio::time::timeout_at(deadline, woken).await;
            continue;
        }
        engine.let_expire().await;
        let (response, is_empty) = answer(&*engine.rows())?;
        if !is_empty || Instant::now() >= deadline {
            return Ok(response);
        }
        drop(response);
        // On time-out the loop asks once more, so that the token is as new as can be.
        let _timed_out = tokio::time::timeout_at(deadline, woken).await;
    }
}

/// True when nothing that the sender is told of has happened since `since`.
fn is_quiet_since(engine: &Engine, sender: &Sender, since: SyncToken) -> bool {
    since.typing == engine.ephemeral().newest() && !engine.waiters().may_be_touched(&sender.user_id, since.position)
}

/// Forgets the to-device messages that the sender shows to have received by naming `position`.
async fn acknowledge(engine: &Engine, sender: &Sender, position: u64) -> Result<(), ApiError> {
    // Most syncs have nothing to forget; they need no lane.
    if views::inbox::delivered(&*engine.rows(), &sender.user_id, &sender.device_id, position, 1)?.is_empty() {
        return Ok(());
    }
    let Sender { user_id, device_id } = sender.clone();
    let command = AcknowledgeInbox { user_id, device_id, until: position };
    Ok(engine.submit(command).await?)
}
