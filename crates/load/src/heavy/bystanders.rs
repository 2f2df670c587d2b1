//! Two people who talk with each other, and one of them syncs besides.

use std::{cell::RefCell, convert::Infallible, time::Duration};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Method;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    address::address,
    connection::Target,
    conversation::{FILTER, SyncAnswer},
    setup::{self, in_path, run_name},
    talk::Talk,
};

/// Between two messages of one person.
const EVERY: Duration = Duration::from_millis(100);
/// Between two syncs that wait for nothing.
const SYNC_EVERY: Duration = Duration::from_millis(25);

/// The two, and what they saw.
pub(super) struct Bystanders {
    pub(super) talk: Talk,
    token: String,
    began: Instant,
    /// When a sync was due, since the beginning, and how long it took from then on.
    pub(super) syncs: RefCell<Vec<(Duration, Duration)>>,
}

impl Bystanders {
    pub(super) async fn new(target: &Target, began: Instant) -> Result<Self> {
        let run = run_name();
        let addresses = [address(1, 1), address(1, 2)];
        let mut connections = [target.connect_from(addresses[0]).await?, target.connect_from(addresses[1]).await?];
        let one = setup::register(&mut connections[0], &format!("heavy-{run}-bystander-a")).await?;
        let other = setup::register(&mut connections[1], &format!("heavy-{run}-bystander-b")).await?;
        let room_id = setup::open_room(&mut connections[0], &one, &other).await?;
        let token = one.token.clone();
        let talk = Talk::new(room_id, [one.token, other.token], addresses, began);
        Ok(Self { talk, token, began, syncs: RefCell::default() })
    }

    /// Both talk and sync until `end`.
    pub(super) async fn go_on(&self, target: &Target, end: Instant) -> Result<()> {
        tokio::select! {
            talked = self.talk.go_on(target, EVERY, end) => talked,
            failed = self.sync(target) => failed.map(drop),
        }
    }

    /// Syncs that are answered at once, by the clock: one that is late does not keep the next one from being due.
    async fn sync(&self, target: &Target) -> Result<Infallible> {
        let mut connection = target.connect_from(address(1, 1)).await?;
        let mut ticks = interval(SYNC_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut since = String::new();
        loop {
            let due = ticks.tick().await;
            let path = format!("/_matrix/client/v3/sync?filter={FILTER}&set_presence=offline&timeout=0{since}");
            let answer = connection.insist(Method::GET, &path, &self.token, Bytes::new()).await?;
            self.syncs.borrow_mut().push((due - self.began, due.elapsed()));
            let SyncAnswer { next_batch } = serde_json::from_slice(&answer).context("no next_batch in a sync")?;
            since = format!("&since={}", in_path(&next_batch));
        }
    }
}
