//! One pusher, from news to the gateway and what the gateway answers. Nothing of what is to be told is kept: while a gateway cannot be
//! reached, what there is to tell is looked up anew before each try, and what was read meanwhile is not told.

use std::{pin::pin, sync::Arc, time::Duration};

use domain::user::pushers::{ReachPusher, SetPusher};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};
use views::{
    Reader,
    push::{News, PusherKey, PusherRow, news, pusher},
};

use super::{
    backoff::Backoff,
    gateway::{PushError, PushGateway, PushPace},
    notification::Destination,
};
use crate::{Engine, SubmitError, Waiter, Waiters};

/// What is older than this is told nobody any more, milliseconds.
const TOLD_FOR_MS: u64 = 24 * 3_600_000;

/// One pusher that is served.
pub(super) struct Served {
    engine: Engine,
    gateway: Arc<dyn PushGateway>,
    pace: PushPace,
    /// Requests of all pushers that may be under way.
    places: Arc<Semaphore>,
    key: PusherKey,
    progress: Option<Progress>,
}

/// How far the pusher was told.
struct Progress {
    /// Everything up to this position.
    reached: u64,
    unread: u32,
    /// Since when it differs from what is written down.
    told_at: Option<Instant>,
}

/// Why there was nothing more to do.
enum Turn {
    /// Everything was told.
    Told,
    /// There is no such pusher any more.
    Gone,
}

/// Why not everything could be told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Push(#[from] PushError),
    #[error(transparent)]
    Engine(#[from] SubmitError),
    #[error("a notification has no JSON form")]
    Encode(#[from] serde_json::Error),
}

impl Served {
    pub(super) fn new(
        engine: Engine,
        gateway: Arc<dyn PushGateway>,
        pace: PushPace,
        places: Arc<Semaphore>,
        key: PusherKey,
    ) -> Self {
        Self { engine, gateway, pace, places, key, progress: None }
    }

    /// Serves it until it is gone or waiting ends.
    pub(super) async fn run(mut self) {
        let waiters = self.engine.waiters().clone();
        let waiter = waiters.register(&self.key.0);
        let mut backoff = Backoff::new(self.pace.retry);
        loop {
            let mut woken = pin!(waiter.woken());
            woken.as_mut().enable();
            if waiters.is_ending() {
                return self.keep().await;
            }
            let looked_at = Instant::now();
            // Boxed, because every pusher that waits holds this future.
            let pause = match Box::pin(self.turn()).await {
                Ok(Turn::Gone) => return,
                Ok(Turn::Told) => {
                    backoff.reset();
                    self.wait(woken).await;
                    self.pace.look_every.saturating_sub(looked_at.elapsed())
                }
                Err(failure) => {
                    let pause = backoff.pause(rand::random());
                    tracing::debug!(push.error = %failure, push.pause_s = pause.as_secs(), "a push waits");
                    pause
                }
            };
            rest(pause, &waiter, &waiters).await;
        }
    }

    /// Waits for what touches the owner, and writes meanwhile down what was told.
    async fn wait(&mut self, mut woken: std::pin::Pin<&mut tokio::sync::futures::Notified<'_>>) {
        if let Some(told_at) = self.progress.as_ref().and_then(|progress| progress.told_at) {
            tokio::select! {
                () = &mut woken => return,
                () = sleep_until(told_at + self.pace.keep_after) => Box::pin(self.keep()).await,
            }
        }
        woken.await;
    }

    /// Tells what there is to tell.
    async fn turn(&mut self) -> Result<Turn, Failure> {
        let Some(row) = pusher(&*self.engine.rows(), &self.key).map_err(SubmitError::from)? else {
            return Ok(Turn::Gone);
        };
        let begun = || Progress { reached: row.reached, unread: row.unread, told_at: None };
        let reached = self.progress.get_or_insert_with(begun).reached;
        let Some(mut destination) = Destination::of(&self.key, &row) else { return Ok(Turn::Told) };
        if !self.engine.waiters().may_be_touched(&self.key.0, reached) {
            return Ok(Turn::Told);
        }
        let News { events, unread, through } = self.look(reached).await?;
        let is_less = self.progress.as_ref().is_some_and(|progress| unread < progress.unread);
        if events.is_empty() && is_less {
            let body = destination.counts(unread)?;
            if !self.send(&destination, body, &row).await? {
                return Ok(Turn::Gone);
            }
            self.told(through, unread, true);
        }
        for event in &events {
            let body = destination.event(event, &self.key.0, unread)?;
            if !self.send(&destination, body, &row).await? {
                return Ok(Turn::Gone);
            }
            self.told(event.position, unread, true);
        }
        self.told(through, unread, false);
        Ok(Turn::Told)
    }

    async fn look(&self, reached: u64) -> Result<News, SubmitError> {
        let user_id = &self.key.0;
        let since_ms = u64::from(self.engine.now().0).saturating_sub(TOLD_FOR_MS);
        self.engine.read_news(user_id, |rows| Ok(news(rows, &Reader::load(rows, user_id)?, reached, since_ms)?)).await
    }

    /// Sends one notification. False when the gateway rejects the push key: then the pusher is gone.
    async fn send(&self, destination: &Destination, body: Vec<u8>, row: &PusherRow) -> Result<bool, Failure> {
        let rejected = {
            // The places are never closed.
            let _place = self.places.acquire().await;
            self.gateway.notify(&destination.url, body).await?
        };
        let (user_id, app_id, pushkey) = self.key.clone();
        if !rejected.contains(&pushkey) {
            return Ok(true);
        }
        let device_id = row.device_id.clone();
        self.engine.submit(SetPusher { user_id, device_id, app_id, pushkey, pusher: None }).await?;
        Ok(false)
    }

    fn told(&mut self, reached: u64, unread: u32, is_new: bool) {
        if let Some(progress) = &mut self.progress {
            (progress.reached, progress.unread) = (reached, unread);
            if is_new {
                progress.told_at.get_or_insert_with(Instant::now);
            }
        }
    }

    /// Writes down how far the pusher was told, if that has changed. If it cannot be written, it is told again after the next start.
    async fn keep(&mut self) {
        let Some(progress) = &mut self.progress else { return };
        if progress.told_at.take().is_none() {
            return;
        }
        let (position, unread) = (progress.reached, progress.unread);
        let (user_id, app_id, pushkey) = self.key.clone();
        if let Err(error) = self.engine.submit(ReachPusher { user_id, app_id, pushkey, position, unread }).await {
            tracing::debug!(push.error = %error, "how far a pusher was told is not written down");
        }
    }
}

/// Waits, unless all waiting ends.
async fn rest(pause: Duration, waiter: &Waiter, waiters: &Waiters) {
    let until = Instant::now() + pause;
    loop {
        let mut woken = pin!(waiter.woken());
        woken.as_mut().enable();
        if waiters.is_ending() {
            return;
        }
        tokio::select! {
            () = woken => {}
            () = sleep_until(until) => return,
        }
    }
}
