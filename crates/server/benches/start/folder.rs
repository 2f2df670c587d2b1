//! A data folder with a log and rows, and an engine on it.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
};

use domain::{
    Policy,
    directory::Register,
    room::{CreateRoom, NewRoom, SendMessage, TransactionKey, TransactionPath},
};
use engine::{Engine, EngineParts, MemoryBounds, SnapshotInterval, SystemEntropy};
use event_log::{Appender, LogKey, Outcome, SystemClock, Unit, Writer};
use event_log_rocksdb::RocksLog;
use projection_rocksdb::{RocksRows, Settings};
use ruma::{
    OwnedRoomId, OwnedUserId, RoomVersionId, api::client::room::create_room::v3::RoomPreset, owned_server_name,
    owned_user_id, signatures::Ed25519KeyPair,
};
use serde_json::json;
use tempfile::TempDir;
use testkit::MemoryBlobs;
use tokio::runtime::Runtime;

use crate::messages;

/// Records in a unit, and units on their way at once.
const UNIT_RECORDS: u64 = 100;
const QUEUE: u64 = 64;

pub(crate) struct Folder {
    root: TempDir,
    signing_key: Vec<u8>,
}

/// An engine whose views follow the log. It ends in order.
pub(crate) struct Running {
    engine: Engine,
    runtime: Runtime,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let folder = Self { root, signing_key: Ed25519KeyPair::generate().to_vec() };
        let register =
            Register { username: Some("alice".to_owned()), email: None, password_phc: None, session: None, token: None };
        let running = folder.start();
        running.runtime.block_on(running.engine.submit(register)).expect("alice signs up");
        drop(running);
        folder
    }

    fn views(&self) -> PathBuf {
        self.root.path().join("views")
    }

    pub(crate) fn discard_views(&self) {
        assert!(RocksRows::discard(&self.views()).expect("rows can be deleted"));
    }

    fn open_log(&self) -> Appender {
        let backend = Arc::new(RocksLog::open(self.root.path().join("log")).expect("the log's storage opens"));
        Appender::open(backend, LogKey::from_seed(&[7; 32]), "h", Arc::new(SystemClock)).expect("the log opens").0
    }

    /// Opens both storages and waits until the views follow.
    pub(crate) fn start(&self) -> Running {
        let parts = EngineParts {
            log: self.open_log(),
            store: Arc::new(RocksRows::open(&self.views(), Settings::default()).expect("the rows open")),
            blobs: Arc::new(MemoryBlobs::default()),
            folds: views::all,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            server_name: owned_server_name!("h"),
            signing_key: Ed25519KeyPair::from_der(&self.signing_key, "1".to_owned()).expect("a key"),
            policy: Policy::default(),
            snapshots: SnapshotInterval::default(),
            memory: MemoryBounds::AMPLE,
        };
        let runtime = Runtime::new().expect("a runtime");
        Running { engine: Engine::start(parts).expect("the engine starts"), runtime }
    }

    /// Appends so many messages, to the rooms in turn, as no server would.
    pub(crate) fn append(&self, rooms: &[OwnedRoomId], messages: u64) {
        let (done, outcomes) = mpsc::channel();
        let report = move |outcome: Outcome<()>| match outcome {
            Outcome::Appended { units, .. } => done.send(units.len() as u64).expect("the bench listens"),
            Outcome::Failed { error, .. } => panic!("append failed: {error}"),
        };
        let queue = usize::try_from(QUEUE).expect("a small number");
        let writer = Writer::spawn(self.open_log(), queue, report).expect("the only writer");
        let units = messages.div_ceil(UNIT_RECORDS);
        let mut appended = 0;
        for unit in 0..units {
            if unit - appended == QUEUE {
                appended += outcomes.recv().expect("the writer reports");
            }
            let numbers = unit * UNIT_RECORDS..((unit + 1) * UNIT_RECORDS).min(messages);
            let drafts = numbers.map(|number| messages::record(room_of(rooms, number), number)).collect();
            assert!(writer.submit(Unit::of(drafts), ()).is_ok(), "the queue has room");
        }
        writer.close();
    }
}

fn room_of(rooms: &[OwnedRoomId], number: u64) -> &OwnedRoomId {
    let count = rooms.len() as u64;
    rooms.get(usize::try_from(number % count).unwrap_or_default()).expect("there are rooms")
}

impl Running {
    pub(crate) fn new_room(&self) -> OwnedRoomId {
        let room = NewRoom {
            creator: alice(),
            version: Some(RoomVersionId::V12),
            preset: RoomPreset::PrivateChat,
            creation_content: Default::default(),
            initial_state: Vec::new(),
            power_level_override: Default::default(),
            name: None,
            topic: None,
            alias: None,
            invites: Vec::new(),
            is_direct: false,
        };
        self.runtime.block_on(self.engine.submit(CreateRoom(room))).expect("a room is made")
    }

    pub(crate) fn send(&self, room: &OwnedRoomId, number: u64) {
        self.runtime.block_on(self.engine.submit(message(room, "m.room.encrypted", number))).expect("a message is sent");
    }

    /// Sends what is refused: the lane has decided, and nothing was written.
    pub(crate) fn refuse_one(&self, room: &OwnedRoomId) {
        let refused = self.runtime.block_on(self.engine.submit(message(room, "m.room.message", 0)));
        assert!(refused.is_err(), "a message in the clear is refused");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.engine.close();
    }
}

fn alice() -> OwnedUserId {
    owned_user_id!("@alice:h")
}

fn message(room: &OwnedRoomId, event_type: &str, number: u64) -> SendMessage {
    let path = TransactionPath::Send(event_type.into());
    let id = format!("n{number}").into();
    SendMessage {
        room_id: room.clone(),
        sender: alice(),
        event_type: event_type.into(),
        content: serde_json::from_value(json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "c".repeat(800)}))
            .expect("an object"),
        transaction: Some(TransactionKey { device_id: "DEVICE".into(), id, path: Some(path), user_id: alice() }),
    }
}
