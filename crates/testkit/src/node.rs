//! A server in this process: the engine over a log that can fail, with rows in memory.

use std::sync::Arc;

use anyhow::{Context, Result};
use domain::Policy;
use engine::{Engine, EngineParts, FactDecoder, MemoryBounds, SnapshotCheck, SnapshotInterval, check_snapshots};
use event_log::{Appender, Class, Draft, LogKey, Position, Recovery, TreeKeeper, Unit, Writer, verify_log};
use projection::{Difference, MemoryRows, RowStore, Runner, compare};
use ruma::{owned_server_name, signatures::Ed25519KeyPair};

use crate::{FakeClock, FaultyBackend, FaultyRows, MemoryBlobs, SeededEntropy, Strikes};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_ED25519: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// What outlives a crash, and the engine that does not.
pub struct Node {
    /// The log's storage.
    pub backend: Arc<FaultyBackend>,
    /// The time.
    pub clock: Arc<FakeClock>,
    entropy: Arc<SeededEntropy>,
    salts: Arc<SeededEntropy>,
    signing_key: Vec<u8>,
    snapshots: SnapshotInterval,
    /// The rows' storage.
    pub rows: FaultyRows,
    /// Media bytes.
    pub blobs: MemoryBlobs,
    strikes: Arc<Strikes>,
    engine: Option<Engine>,
    tree: Option<TreeKeeper>,
}

impl Node {
    /// Starts a server with an empty log. Its keys are always the same; all randomness is the seed's.
    ///
    /// # Errors
    /// When the log does not open or the engine does not start.
    pub fn start(seed: u64) -> Result<Self> {
        Self::start_with(seed, SnapshotInterval::default())
    }

    /// As [`Node::start`], with snapshots of lanes so often.
    ///
    /// # Errors
    /// As there.
    pub fn start_with(seed: u64, snapshots: SnapshotInterval) -> Result<Self> {
        let mut node = Self::off(seed, snapshots, Strikes::default());
        node.boot()?;
        Ok(node)
    }

    /// A server that was never started, with calls to its storages counted and struck by `strikes`.
    #[must_use]
    pub fn off(seed: u64, snapshots: SnapshotInterval, strikes: Strikes) -> Self {
        let strikes = Arc::new(strikes);
        Self {
            backend: Arc::new(FaultyBackend::under(Arc::clone(&strikes))),
            clock: Arc::new(FakeClock::new(1_700_000_000_000)),
            entropy: Arc::new(SeededEntropy::new(seed)),
            // Other numbers than the engine's, so that neither takes from the other.
            salts: Arc::new(SeededEntropy::new(!seed)),
            signing_key: [PKCS8_ED25519, [43; 32].as_slice()].concat(),
            snapshots,
            rows: FaultyRows::under(Arc::clone(&strikes)),
            blobs: MemoryBlobs::default(),
            strikes,
            engine: None,
            tree: None,
        }
    }

    /// The calls to the storages.
    #[must_use]
    pub fn strikes(&self) -> &Strikes {
        &self.strikes
    }

    /// The running engine.
    ///
    /// # Errors
    /// Between a crash and the next start.
    pub fn engine(&self) -> Result<&Engine> {
        self.engine.as_ref().context("the server is not running")
    }

    /// The tree of the running engine's log: what exports and verifies it.
    ///
    /// # Errors
    /// Before the first start.
    pub fn tree(&self) -> Result<&TreeKeeper> {
        self.tree.as_ref().context("the server has not been started")
    }

    /// The power goes and comes back; the server starts again on what was synced. Rows are not synced: they are as they
    /// were, or gone.
    ///
    /// # Errors
    /// When the log does not open or the engine does not start.
    pub fn crash(&mut self, are_rows_lost: bool) -> Result<Recovery> {
        self.backend.cut_power();
        if let Some(engine) = self.engine.take() {
            engine.close();
        }
        self.backend.power_on();
        if are_rows_lost {
            self.rows = FaultyRows::under(Arc::clone(&self.strikes));
        }
        self.boot()
    }

    /// The server is stopped as an admin does, if it runs, and started again on its storages.
    ///
    /// # Errors
    /// When the log does not open or the engine does not start; then it may be started again.
    pub fn restart(&mut self) -> Result<Recovery> {
        if let Some(engine) = self.engine.take() {
            engine.close();
        }
        self.boot()
    }

    /// Stops the server, appends records as no server would, and starts it again. A record is its stream, its kind (in
    /// version 1) and its payload.
    ///
    /// # Errors
    /// When the records cannot be appended or the engine does not start on them.
    pub fn append_raw(&mut self, records: &[(&str, &str, &str)]) -> Result<()> {
        let draft = |(stream, kind, payload): &(&str, &str, &str)| Draft {
            stream: (*stream).to_owned(),
            kind: (*kind).to_owned(),
            kind_version: 1,
            class: Class::Plain,
            payload: payload.as_bytes().to_vec(),
        };
        let drafts = records.iter().map(draft).collect();
        self.engine.take().context("the server is not running")?.close();
        let (log, _) = self.open_log()?;
        let writer = Writer::spawn(log, 1, |_| {})?;
        writer.submit(Unit::of(drafts), ()).map_err(|rejected| anyhow::anyhow!("{rejected}"))?;
        writer.close();
        self.boot().map(drop)
    }

    fn open_log(&self) -> Result<(Appender, Recovery)> {
        let key = LogKey::from_seed(&[42; 32]);
        Ok(Appender::open_with_salts(self.backend.clone(), key, "h", self.clock.clone(), self.salts.clone())?)
    }

    fn boot(&mut self) -> Result<Recovery> {
        self.rows.open_anew()?;
        let (log, recovery) = self.open_log()?;
        self.tree = Some(log.tree().clone());
        let parts = EngineParts {
            log,
            store: Arc::new(self.rows.clone()),
            blobs: Arc::new(self.blobs.clone()),
            folds: views::all,
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            server_name: owned_server_name!("h"),
            signing_key: Ed25519KeyPair::from_der(&self.signing_key, "1".to_owned())?,
            policy: Policy::default(),
            snapshots: self.snapshots,
            memory: MemoryBounds::AMPLE,
        };
        self.engine = Some(Engine::start(parts)?);
        Ok(recovery)
    }

    /// Checks the whole log: chain, signatures, payloads and checkpoints.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self) -> Result<()> {
        verify_log(self.tree()?, &mut |_| {})?;
        Ok(())
    }

    /// The payloads of the first `limit` records, as text; erased ones left out.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn payloads(&self, limit: usize) -> Result<Vec<String>> {
        let records = self.engine()?.log().read(Position(1), limit)?;
        Ok(records.iter().filter_map(|record| Some(String::from_utf8_lossy(record.bytes()?).into_owned())).collect())
    }

    /// Folds the log from the beginning and compares with the live rows: the first difference, if there is one.
    ///
    /// # Errors
    /// When the log cannot be read or folded.
    pub fn replay_difference(&self) -> Result<Option<Difference>> {
        let anew = MemoryRows::new();
        let runner = Runner::new(Arc::new(anew.clone()), views::all(), Box::new(FactDecoder))?;
        runner.catch_up(self.engine()?.log(), &mut |_| {})?;
        Ok(compare(&*self.rows.snapshot(), &*anew.snapshot())?)
    }

    /// Starts every lane that has a snapshot from it, and from the beginning of the log.
    ///
    /// # Errors
    /// When rows or log cannot be read.
    pub fn check_snapshots(&self) -> Result<SnapshotCheck> {
        Ok(check_snapshots(&*self.rows.snapshot(), self.engine()?.log())?)
    }
}
