//! The engine: starts the writer and the follower, and is what others ask.

mod media;
mod submit;

use std::{sync::Arc, thread::JoinHandle};

use domain::{Entropy, Fact, Policy};
use event_log::{Appender, Clock, Reader, Writer};
use parking_lot::RwLock;
use projection::{NoRows, Recent, RowStore, Rows};
use ruma::{MilliSecondsSinceUnixEpoch, OwnedServerName, ServerName, UInt, UserId, signatures::Ed25519KeyPair};
use views::{View, membership::has_many_rooms};

use crate::{
    background::{Background, GivesWay},
    blobs::{BlobStore, Blobs},
    codec,
    effects::wake::Effects,
    ephemeral::Ephemeral,
    error::{StartError, SubmitError},
    expiry::moments::Expiry,
    follower::ViewFollower,
    health::{Health, health},
    lanes::Lanes,
    memory::MemoryBounds,
    password::Passwords,
    ports::EntropySource,
    push::changed::Pushers,
    queued::Queued,
    readiness::Readiness,
    reads::LongReads,
    snapshot::SnapshotInterval,
    token::Token,
    turns::{Turn, Turns},
    waiters::Waiters,
};

/// Units that may wait for the writer. One over is refused with [`SubmitError::Overloaded`].
const QUEUE_UNITS: usize = 4_096;

/// What an engine is made of.
pub struct EngineParts {
    /// The open log.
    pub log: Appender,
    /// Where the views' rows are.
    pub store: Arc<dyn RowStore>,
    /// Where media bytes are.
    pub blobs: Arc<dyn BlobStore>,
    /// Makes the views; they are made anew when their storage is opened anew.
    pub folds: fn() -> Vec<Box<View>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn EntropySource>,
    /// The domain part of this server's identifiers.
    pub server_name: OwnedServerName,
    /// Signs PDUs.
    pub signing_key: Ed25519KeyPair,
    /// The admin's choices.
    pub policy: Policy,
    /// How often the states that commands are decided on are written down.
    pub snapshots: SnapshotInterval,
    /// How much may be held in memory.
    pub memory: MemoryBounds,
}

/// Carries commands through, and reads what came of them. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    log: Reader,
    store: Arc<dyn RowStore>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn EntropySource>,
    server_name: OwnedServerName,
    signing_key: Ed25519KeyPair,
    policy: Policy,
    snapshots: SnapshotInterval,
    lanes: Arc<Lanes>,
    queued: Queued,
    waiters: Waiters,
    ephemeral: Ephemeral,
    expiry: Arc<Expiry>,
    effects: Arc<Effects>,
    pushers: Arc<Pushers>,
    readiness: Arc<Readiness>,
    long_reads: LongReads,
    background: Background,
    turns: Turns,
    passwords: Passwords,
    /// None once the engine is closed.
    running: RwLock<Option<Running>>,
}

struct Running {
    writer: Writer<Token>,
    follower: JoinHandle<()>,
}

impl Engine {
    /// Starts, and returns when the views have been brought up to the log.
    ///
    /// # Errors
    /// When the views do not fold or a thread cannot be started.
    pub fn start(parts: EngineParts) -> Result<Self, StartError> {
        let engine = Self::open(parts)?;
        engine.wait_ready()?;
        Ok(engine)
    }

    /// Starts; the views are brought up to the log in the background. Until [`Engine::is_ready`] they cannot be read.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn open(parts: EngineParts) -> Result<Self, StartError> {
        let log = parts.log.reader().clone();
        let head = log.head();
        let store: Arc<dyn RowStore> = Arc::new(Recent::above(head, parts.store, parts.memory.held_bytes));
        let lanes = Arc::new(Lanes::new(parts.memory.lanes_bytes));
        let waiters = Waiters::above(head.0);
        let expiry = Arc::new(Expiry::default());
        let effects = Arc::new(Effects::default());
        let pushers = Arc::new(Pushers::default());
        let readiness = Arc::new(Readiness::default());
        let follower = ViewFollower {
            store: Arc::clone(&store),
            folds: parts.folds,
            log: log.clone(),
            lanes: Arc::clone(&lanes),
            waiters: waiters.clone(),
            expiry: Arc::clone(&expiry),
            effects: Arc::clone(&effects),
            pushers: Arc::clone(&pushers),
            readiness: Arc::clone(&readiness),
        };
        let (to_follower, follower) = follower.spawn()?;
        let writer = Writer::spawn(parts.log, QUEUE_UNITS, move |outcome| to_follower.give(outcome))?;
        let shared = Shared {
            log,
            store,
            blobs: Blobs::new(parts.blobs),
            clock: parts.clock,
            entropy: parts.entropy,
            server_name: parts.server_name,
            signing_key: parts.signing_key,
            policy: parts.policy,
            snapshots: parts.snapshots,
            lanes,
            queued: Queued::new(parts.memory.queued_bytes),
            ephemeral: Ephemeral::new(waiters.clone(), parts.memory),
            waiters,
            expiry,
            effects,
            pushers,
            readiness,
            long_reads: LongReads::new(parts.memory),
            background: Background::new(parts.memory.long_reads),
            turns: Turns::default(),
            passwords: Passwords::new(parts.memory.passwords),
            running: RwLock::new(Some(Running { writer, follower })),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The views as of one position. Reads on it never block writers.
    #[must_use]
    pub fn rows(&self) -> Box<dyn Rows + '_> {
        if self.is_ready() { self.shared.store.snapshot() } else { Box::new(NoRows) }
    }

    /// Reads one snapshot of the views with `read` for `user`, which may take a while: pages of history, whole rooms, everybody's keys. It
    /// goes on in the background. One person has one such read at work at a time: what they have, and how many devices
    /// ask for it, costs nobody else. What looks up a row or two calls [`Engine::rows`] instead, which costs less.
    ///
    /// # Errors
    /// Those of `read`; [`SubmitError::Overloaded`] when too many wait to read already, of `user` or in all, or have read much; and
    /// [`SubmitError::AnswerTooLarge`] when it reads more than all may together.
    pub async fn read<T: Send, E: From<SubmitError> + Send>(
        &self,
        user: &UserId,
        read: impl FnOnce(&dyn Rows) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        let person = self.shared.turns.of(user);
        let own = person.long().await?;
        let gives_way =
            if Self::asks_for_much(user, &own, &*self.rows())? { GivesWay::ToEverything } else { GivesWay::ToMost };
        self.read_long(gives_way, read).await
    }

    /// The same of what is nobody's in particular and in short pages: how much anybody has makes no difference to it.
    ///
    /// # Errors
    /// As those of [`Engine::read`].
    pub async fn read_public<T: Send, E: From<SubmitError> + Send>(
        &self,
        read: impl FnOnce(&dyn Rows) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        self.read_long(GivesWay::ToMost, read).await
    }

    async fn read_long<T: Send, E: From<SubmitError> + Send>(
        &self,
        gives_way: GivesWay,
        read: impl FnOnce(&dyn Rows) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        let turn = self.shared.long_reads.turn().await?;
        self.shared.background.run(gives_way, || turn.read(&*self.rows(), read))
    }

    /// Reads one snapshot of the views with `read` for `user`, of whom many devices may ask for the same at once: what is new. How much
    /// that takes depends on how much the person has, so one of their devices is answered at a time, and whoever asks for much gives
    /// way to everybody else.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn read_news<T: Send, E: From<SubmitError> + Send>(
        &self,
        user: &UserId,
        read: impl FnOnce(&dyn Rows) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        let person = self.shared.turns.of(user);
        let own = person.short().await?;
        let rows = self.rows();
        if Self::asks_for_much(user, &own, &*rows)? {
            self.shared.background.run(GivesWay::ToEverything, || read(&*rows))
        } else {
            read(&*rows)
        }
    }

    /// Whether devices of one person ask for more than one thing at once, or whatever they ask for is much.
    fn asks_for_much(user: &UserId, turn: &Turn<'_>, rows: &dyn Rows) -> Result<bool, SubmitError> {
        Ok(turn.has_waited() || has_many_rooms(rows, user)?)
    }

    /// Whether the views follow the log. They do not while they are brought up to it, at the start or after their storage
    /// failed; every read of [`Engine::rows`] is a fault then.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.shared.readiness.is_ready()
    }

    /// How far the views are on their way to the log's end: position reached, position of the end.
    #[must_use]
    pub fn catching_up(&self) -> (u64, u64) {
        (self.shared.readiness.reached(), self.shared.log.head().0)
    }

    /// Blocks until the views follow the log.
    ///
    /// # Errors
    /// Why they never will.
    pub fn wait_ready(&self) -> Result<(), StartError> {
        Ok(self.shared.readiness.wait()?)
    }

    /// Those who wait for something new.
    #[must_use]
    pub fn waiters(&self) -> &Waiters {
        &self.shared.waiters
    }

    /// Waits until the log has forgotten somebody, so that their bytes are to leave the disk.
    pub async fn wait_erased(&self) {
        self.effects().wait_erased().await;
    }

    pub(crate) fn effects(&self) -> &Effects {
        &self.shared.effects
    }

    pub(crate) fn pushers(&self) -> &Pushers {
        &self.shared.pushers
    }

    pub(crate) fn expiry(&self) -> &Expiry {
        &self.shared.expiry
    }

    /// Hashes passwords.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Typing and presence.
    #[must_use]
    pub fn ephemeral(&self) -> &Ephemeral {
        &self.shared.ephemeral
    }

    /// How the engine does.
    ///
    /// # Errors
    /// [`SubmitError::Fault`] when the views cannot be read.
    pub fn health(&self) -> Result<Health, SubmitError> {
        health(&self.shared.readiness, &*self.shared.store, self.shared.log.head().0)
    }

    /// The record log, for reading.
    #[must_use]
    pub fn log(&self) -> &Reader {
        &self.shared.log
    }

    /// The fact at a position of the log; none when there is none, or its payload was erased or does not read.
    ///
    /// # Errors
    /// [`SubmitError::Fault`] when the log cannot be read.
    pub fn fact_at(&self, position: u64) -> Result<Option<Fact>, SubmitError> {
        codec::fact_at(&self.shared.log, position)
    }

    /// The domain part of this server's identifiers.
    #[must_use]
    pub fn server_name(&self) -> &ServerName {
        &self.shared.server_name
    }

    /// The admin's choices that rules depend on.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> MilliSecondsSinceUnixEpoch {
        self.shared.now()
    }

    /// 32 random bytes, stretchable.
    #[must_use]
    pub fn entropy(&self) -> Entropy {
        Entropy::new(self.shared.entropy.seed())
    }

    /// Returns when the thread that folds has ended: after [`Engine::close`], or because the views cannot follow the log or
    /// the log's writer has failed. In the latter cases only a new process helps.
    pub async fn ended(&self) {
        self.shared.readiness.wait_end().await;
    }

    /// Finishes what is queued, writes a checkpoint and flushes the views. Blocks; commands after it are refused.
    pub fn close(&self) {
        self.shared.readiness.close();
        let running = self.shared.running.write().take();
        if let Some(Running { writer, follower }) = running {
            writer.close();
            // A panic in the follower has been reported by the panic hook already.
            let _panicked = follower.join();
        }
    }
}

impl Shared {
    fn now(&self) -> MilliSecondsSinceUnixEpoch {
        MilliSecondsSinceUnixEpoch(UInt::try_from(self.clock.now_ms()).unwrap_or(UInt::MAX))
    }
}
