//! What this program tells admins of itself by the API: its version, what the doctor finds from inside, sizes, backups, and the log as a
//! whole.

mod log;
mod sizes;
mod verification;

use std::{sync::Arc, time::Duration};

use api::{
    Backups as ToldBackups, Finding, Host, HostFault, LogStanding, Rehearsal, Standing, Storage, ToldRecord, Verification,
};
use async_trait::async_trait;
use config::Config;
use engine::Engine;
use event_log::{Clock as _, SystemClock, TreeKeeper};
use event_log_rocksdb::RocksLog;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use super::{backups::Standing as Backups, reload::LiveConfig};
use crate::{data_folder::DataFolder, doctor};
use verification::Verifier;

/// How old an answer may be that several looks share: some of them ask other hosts, and read many rows of the file system.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// What is told is taken from here.
pub(super) struct Sources {
    pub(super) config: LiveConfig,
    pub(super) engine: Engine,
    pub(super) log: Arc<RocksLog>,
    pub(super) tree: TreeKeeper,
    /// None where no backups are made.
    pub(super) backups: Option<Backups>,
}

/// The program as admins see it.
pub(super) struct Program {
    sources: Sources,
    started_at_ms: u64,
    standing: Mutex<Option<(Instant, Standing)>>,
    log: Mutex<Option<(Instant, LogStanding)>>,
    /// One look at the newest records at a time.
    records: Mutex<()>,
    verifier: Verifier,
}

impl Program {
    pub(super) fn new(sources: Sources) -> Self {
        let verifier = Verifier::of(&sources.config.now().server.data);
        let started_at_ms = SystemClock.now_ms();
        let (standing, log, records) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { sources, started_at_ms, standing, log, records, verifier }
    }

    async fn look(&self) -> Standing {
        let Sources { config, engine, log, backups, .. } = &self.sources;
        let config = config.now();
        let findings = doctor::look_from_inside(&config, engine).await;
        let findings = findings.into_iter().map(|finding| Finding {
            check: finding.check,
            outcome: finding.outcome.word(),
            found: finding.found,
            fix: finding.fix,
        });
        Standing {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at_ms: self.started_at_ms,
            findings: findings.collect(),
            storage: storage(DataFolder::new(&config.server.data), Arc::clone(log)).await,
            backups: backups.as_ref().map(|backups| told(&config, backups)),
        }
    }
}

async fn storage(folder: DataFolder, log: Arc<RocksLog>) -> Storage {
    let sizes = tokio::task::spawn_blocking(move || Storage {
        log_bytes: sizes::of(&folder.log()),
        views_bytes: sizes::of(&folder.views()),
        disk_free_bytes: log.free_bytes().ok(),
    });
    // A panic has been reported by the panic hook already.
    sizes.await.unwrap_or_default()
}

fn told(config: &Config, backups: &Backups) -> ToldBackups {
    let known = backups.known();
    ToldBackups {
        every_hours: config.backup.every_hours,
        last_at_ms: known.last_ms,
        bytes: known.bytes,
        has_failed: known.has_failed,
        rehearsal: known.rehearsal.map(|(at_ms, has_passed)| Rehearsal { at_ms, has_passed }),
    }
}

/// What was found a moment ago.
fn fresh<T: Clone>(kept: &MutexGuard<'_, Option<(Instant, T)>>) -> Option<T> {
    kept.as_ref().filter(|(found, _)| found.elapsed() < KEPT_FOR).map(|(_, what)| what.clone())
}

/// Reads the log beside the reactor.
async fn read<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, event_log::LogFault> + Send + 'static,
) -> Result<T, HostFault> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(|fault| HostFault(fault.to_string())),
        Err(panicked) => Err(HostFault(panicked.to_string())),
    }
}

#[async_trait]
impl Host for Program {
    async fn standing(&self) -> Standing {
        // Those who ask while somebody looks wait for what is found.
        let mut kept = self.standing.lock().await;
        if let Some(standing) = fresh(&kept) {
            return standing;
        }
        let standing = self.look().await;
        *kept = Some((Instant::now(), standing.clone()));
        standing
    }

    async fn log(&self) -> Result<LogStanding, HostFault> {
        let mut kept = self.log.lock().await;
        if let Some(standing) = fresh(&kept) {
            return Ok(standing);
        }
        let tree = self.sources.tree.clone();
        let standing = read(move || log::standing(&tree, SystemClock.now_ms())).await?;
        *kept = Some((Instant::now(), standing.clone()));
        Ok(standing)
    }

    async fn records(&self, after: Option<u64>) -> Result<Vec<ToldRecord>, HostFault> {
        let _turn = self.records.lock().await;
        let log = self.sources.tree.reader().clone();
        read(move || log::newest(&log, after)).await
    }

    fn verification(&self) -> Verification {
        self.verifier.standing()
    }

    fn verify(&self) -> Verification {
        self.verifier.begin()
    }
}
