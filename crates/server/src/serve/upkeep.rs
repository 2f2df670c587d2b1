//! What the server does by itself while it runs: carries out what facts have left to do, lets messages go whose moment has
//! passed, and makes the bytes of what was
//! erased leave the disk. Erasing takes a payload out of the log at once; its bytes stay in the storage's files until
//! these are rewritten.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use engine::{Engine, PushPace};
use event_log_rocksdb::RocksLog;
use projection_rocksdb::RocksRows;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    blobs::FileBlobs,
    data_folder::{DataFolder, Purged},
    push::HttpGateway,
};

use super::mailing::Waiting;

/// How often to look for expired messages. Nobody is served one in between: reading looks as well.
const EXPIRY_EVERY: Duration = Duration::from_secs(1);
/// The first purge waits until clients have come back after a start.
const PURGE_AFTER: Duration = Duration::from_secs(2);
const PURGE_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How often to look whether the views follow the log.
const READY_EVERY: Duration = Duration::from_secs(1);
/// When to try again what has failed: somebody may wait for their receipt.
const PURGE_AGAIN: Duration = Duration::from_secs(60);

/// How often to look for media that nobody names, and how old it has to be.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const SWEPT_AGE: Duration = Duration::from_secs(3600);
/// How soon to try again while the views are not ready.
const SWEEP_AGAIN: Duration = Duration::from_secs(10);

/// The storages that are kept tidy. Cheap to clone.
#[derive(Clone)]
pub(super) struct Storages {
    pub(super) log: Arc<RocksLog>,
    pub(super) rows: Arc<RocksRows>,
    pub(super) is_stopping: Arc<AtomicBool>,
}

/// How long the end waits until it is written down which pushes went out.
const PUSHES_KEPT_WITHIN: Duration = Duration::from_secs(2);

/// Pushes that are sent for as long as the server runs.
pub(super) struct Pushing {
    engine: Engine,
    task: Option<JoinHandle<()>>,
}

impl Pushing {
    /// Waits until it is written down what was sent, but not for a gateway that takes its time.
    pub(super) async fn end(self) {
        self.engine.end_pushers();
        if let Some(task) = self.task {
            // What is not written down is told again.
            let _ended = tokio::time::timeout(PUSHES_KEPT_WITHIN, task).await;
        }
    }
}

/// Starts to send pushes; to nowhere without a gateway.
pub(super) fn spawn_pushing(engine: &Engine, gateway: Option<HttpGateway>) -> Pushing {
    let pushing = engine.clone();
    let push = |gateway| async move { pushing.run_pushers(Arc::new(gateway), PushPace::default()).await };
    let task = gateway.map(|gateway| tokio::spawn(push(gateway)));
    Pushing { engine: engine.clone(), task }
}

/// Starts all of it for as long as the runtime runs. `mail` is what waits to be sent.
pub(super) fn spawn(engine: Engine, (storages, mail): (Storages, Option<Waiting>), blobs: FileBlobs, folder: DataFolder) {
    tokio::spawn(purge(engine.clone(), (storages, mail), folder));
    tokio::spawn(sweep(engine.clone(), blobs));
    let effects = engine.clone();
    tokio::spawn(async move { effects.run_effects().await });
    tokio::spawn(async move {
        let mut ticks = interval(EXPIRY_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            engine.expire_due().await;
        }
    });
}

/// Makes what was erased leave the disk: soon after the start, once a day, and as soon as somebody was forgotten.
async fn purge(engine: Engine, (storages, mail): (Storages, Option<Waiting>), folder: DataFolder) {
    sleep(PURGE_AFTER).await;
    loop {
        // Rows that do not follow the log have forgotten nothing yet.
        while !engine.is_ready() {
            sleep(READY_EVERY).await;
        }
        let (storages, mail, engine_now, folder) = (storages.clone(), mail.clone(), engine.clone(), folder.clone());
        // A panic has been reported by the panic hook already.
        let purged = tokio::task::spawn_blocking(move || storages.purge(&engine_now, &folder, mail.as_ref()));
        let purged = purged.await.unwrap_or(false);
        let pause = if purged { PURGE_EVERY } else { PURGE_AGAIN };
        tokio::select! {
            () = sleep(pause) => {}
            () = engine.wait_erased() => {}
        }
    }
}

/// Takes away media that nobody names, for as long as the runtime runs. Before the views follow the log nobody knows what it names.
async fn sweep(engine: Engine, blobs: FileBlobs) {
    loop {
        if !engine.is_ready() {
            sleep(SWEEP_AGAIN).await;
            continue;
        }
        match engine.sweep_media(SWEPT_AGE).await {
            Ok(0) => {}
            Ok(blobs) => tracing::info!(media.swept = blobs, "media that nothing names was deleted"),
            Err(error) => tracing::warn!(media.error = %error, "media that nothing names is kept; looking again later"),
        }
        let blobs = blobs.clone();
        // A panic has been reported by the panic hook already.
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || blobs.tidy(SWEPT_AGE)).await {
            tracing::warn!(media.error = %error, "the folder of media could not be tidied");
        }
        sleep(SWEEP_EVERY).await;
    }
}

impl Storages {
    /// Files that have nothing erased in them, below the newest, are not touched. Says whether all of it has left the disk, and notes down
    /// up to where.
    fn purge(&self, engine: &Engine, folder: &DataFolder, mail: Option<&Waiting>) -> bool {
        // What is erased later may be in the files still.
        let Ok(before) = engine.health() else { return false };
        let purged = self.purge_storages().and_then(|()| mail.map_or(Ok(()), Waiting::purge));
        // Then it was broken off, and nobody need be told.
        if self.is_stopping.load(Ordering::SeqCst) {
            return false;
        }
        let purge = Purged { position: before.views_position, at_ms: engine.now().0.into() };
        if let Err(error) = purged.and_then(|()| folder.note_purged(purge)) {
            tracing::warn!(
                purge.error = format!("{error:#}"),
                "what was erased may be on the disk still; trying again soon"
            );
            return false;
        }
        tracing::debug!("what was erased has left the disk");
        true
    }

    fn purge_storages(&self) -> Result<()> {
        self.log.purge_erased().context("the log's files")?;
        self.rows.purge_deleted().context("the views' files")
    }

    /// Has a purge that runs end soon, at the end of the process.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        // A database that is not open has nothing running.
        let _closed = self.log.stop_upkeep();
        self.rows.stop_upkeep();
    }
}
