//! Both stores in memory, for tests: it keeps bytes as a file would, and can fail, tear and flip on demand.
//! Nothing survives the process.

use std::collections::BTreeMap;

use parking_lot::{Mutex, MutexGuard};

use crate::fault::{AppendError, LogFault};
use crate::payload::{Content, Payload, SALT_BYTES};
use crate::record::{Header, Position, Record};
use crate::store::{Batch, RecordStore, StoredCheckpoint, TreeStore};

const PRESENT: u8 = 0;
const ERASED: u8 = 1;
const WITHHELD: u8 = 2;
const SALTED: u8 = 3;
/// Frame: total length (4), signature (64), header length (4), header, payload state (1), salt if salted (16), payload.
const FIXED_BYTES: usize = 4 + 64 + 4 + 1;

#[derive(Default)]
struct State {
    frames: BTreeMap<u64, Vec<u8>>,
    streams: BTreeMap<String, Vec<u64>>,
    tree: Vec<[u8; 32]>,
    checkpoints: BTreeMap<u64, StoredCheckpoint>,
    fail_next: Option<AppendError>,
    tear_next: Option<usize>,
    down: bool,
    appends: u64,
}

/// Records in memory, with faults on demand.
#[derive(Default)]
pub struct MemoryBackend {
    state: Mutex<State>,
}

impl MemoryBackend {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next append changes nothing and gives `error`.
    pub fn fail_next(&self, error: AppendError) {
        self.state.lock().fail_next = Some(error);
    }

    /// The power goes during the next append: only the first `bytes` of its frames are written, and nothing is
    /// answered until [`MemoryBackend::power_on`].
    pub fn tear_next(&self, bytes: usize) {
        self.state.lock().tear_next = Some(bytes);
    }

    /// Answers again after [`MemoryBackend::tear_next`].
    pub fn power_on(&self) {
        self.state.lock().down = false;
    }

    fn up(&self) -> Result<MutexGuard<'_, State>, LogFault> {
        let state = self.state.lock();
        if state.down { Err(LogFault::Unavailable("the power is off".to_owned())) } else { Ok(state) }
    }

    /// Flips one bit of a stored frame; `byte` counts from its start.
    pub fn flip(&self, position: Position, byte: usize) {
        if let Some(value) = self.state.lock().frames.get_mut(&position.0).and_then(|frame| frame.get_mut(byte)) {
            *value ^= 1;
        }
    }

    /// Bytes stored for a record.
    #[must_use]
    pub fn frame_len(&self, position: Position) -> usize {
        self.state.lock().frames.get(&position.0).map_or(0, Vec::len)
    }

    /// How many appends succeeded.
    #[must_use]
    pub fn appends(&self) -> u64 {
        self.state.lock().appends
    }
}

fn encode(record: &Record) -> Vec<u8> {
    let header = record.header.encode();
    let (state, salt, payload): (u8, &[u8], &[u8]) = match &record.payload {
        Payload::Present(content) => match content.salt() {
            Some(salt) => (SALTED, salt, content.bytes()),
            None => (PRESENT, &[], content.bytes()),
        },
        Payload::Erased => (ERASED, &[], &[]),
        Payload::Withheld => (WITHHELD, &[], &[]),
    };
    let total = FIXED_BYTES + header.len() + salt.len() + payload.len();
    let mut frame = Vec::with_capacity(total);
    frame.extend_from_slice(&u32::try_from(total).unwrap_or(u32::MAX).to_be_bytes());
    frame.extend_from_slice(&record.signature);
    frame.extend_from_slice(&u32::try_from(header.len()).unwrap_or(u32::MAX).to_be_bytes());
    frame.extend_from_slice(&header);
    frame.push(state);
    frame.extend_from_slice(salt);
    frame.extend_from_slice(payload);
    frame
}

fn decode(position: u64, frame: &[u8]) -> Result<Record, LogFault> {
    let position = Position(position);
    let torn = LogFault::Torn { position };
    let damaged = |what: &str| LogFault::Damaged { position, what: what.to_owned() };
    let (total, rest) = frame.split_first_chunk::<4>().ok_or_else(|| torn.clone())?;
    let total = u32::from_be_bytes(*total) as usize;
    if frame.len() < total {
        return Err(torn);
    }
    let (signature, rest) = rest.split_first_chunk::<64>().ok_or_else(|| damaged("frame"))?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("frame"))?;
    let length = u32::from_be_bytes(*length) as usize;
    let (header, rest) = rest.split_at_checked(length).ok_or_else(|| damaged("frame"))?;
    let (state, payload) = rest.split_first().ok_or_else(|| damaged("frame"))?;
    let header = Header::decode(header).map_err(|e| damaged(&format!("header: {e}")))?;
    if header.position != position {
        return Err(damaged("header names another position"));
    }
    let payload = match (*state, payload.split_first_chunk::<SALT_BYTES>()) {
        (PRESENT, _) => Payload::Present(Content::unsalted(payload.to_vec())),
        (SALTED, Some((salt, payload))) => Payload::Present(Content::salted(*salt, payload.to_vec())),
        (ERASED, None) if payload.is_empty() => Payload::Erased,
        (WITHHELD, None) if payload.is_empty() => Payload::Withheld,
        _ => return Err(damaged("payload state")),
    };
    Ok(Record { header, signature: *signature, payload })
}

impl State {
    fn insert(&mut self, record: &Record, frame: Vec<u8>) {
        self.streams.entry(record.header.stream.clone()).or_default().push(record.header.position.0);
        self.frames.insert(record.header.position.0, frame);
    }

    /// Writes a prefix of the batch, frame by frame, then stops.
    fn tear(&mut self, batch: &Batch, mut room: usize) {
        for record in &batch.records {
            let mut frame = encode(record);
            if room >= frame.len() {
                room -= frame.len();
                self.insert(record, frame);
            } else {
                frame.truncate(room);
                if room > 0 {
                    self.frames.insert(record.header.position.0, frame);
                }
                return;
            }
        }
    }

    fn erase(&mut self, positions: &[Position]) -> Result<(), LogFault> {
        for position in positions {
            if let Some(frame) = self.frames.get_mut(&position.0) {
                let mut record = decode(position.0, frame)?;
                record.payload = Payload::Erased;
                *frame = encode(&record);
            }
        }
        Ok(())
    }
}

impl RecordStore for MemoryBackend {
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError> {
        let mut state = self.up()?;
        if let Some(error) = state.fail_next.take() {
            return Err(error);
        }
        if state.frames.last_key_value().map(|(position, _)| Position(*position)) != expected {
            return Err(AppendError::Conflict);
        }
        if let Some(room) = state.tear_next.take() {
            state.tear(batch, room);
            state.down = true;
            return Err(AppendError::Unavailable("the power went".to_owned()));
        }
        for record in &batch.records {
            let frame = encode(record);
            state.insert(record, frame);
        }
        state.erase(&batch.erase)?;
        state.appends += 1;
        Ok(())
    }

    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, LogFault> {
        let state = self.up()?;
        let Some(stream) = stream else {
            return state.frames.range(from.0..).take(limit).map(|(position, frame)| decode(*position, frame)).collect();
        };
        let positions = state.streams.get(stream).map(Vec::as_slice).unwrap_or_default();
        let start = positions.partition_point(|position| *position < from.0);
        let chosen = positions.iter().skip(start).take(limit);
        chosen.filter_map(|position| state.frames.get(position).map(|frame| decode(*position, frame))).collect()
    }

    fn head(&self) -> Result<Option<Position>, LogFault> {
        Ok(self.up()?.frames.last_key_value().map(|(position, _)| Position(*position)))
    }

    fn cut(&self, keep: Position) -> Result<(), LogFault> {
        let mut state = self.up()?;
        state.frames.retain(|position, _| *position <= keep.0);
        for positions in state.streams.values_mut() {
            positions.retain(|position| *position <= keep.0);
        }
        Ok(())
    }
}

impl TreeStore for MemoryBackend {
    fn extend(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError> {
        let mut state = self.up()?;
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        if first > state.tree.len() {
            return Err(LogFault::Storage("tree nodes would leave a gap".to_owned()).into());
        }
        state.tree.truncate(first);
        state.tree.extend_from_slice(nodes);
        state.checkpoints.insert(checkpoint.size, checkpoint.clone());
        Ok(())
    }

    fn nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, LogFault> {
        let state = self.up()?;
        let node = |index: &u64| usize::try_from(*index).ok().and_then(|index| state.tree.get(index)).copied();
        let missing = || LogFault::Storage("a tree node is missing".to_owned());
        indexes.iter().map(|index| node(index).ok_or_else(missing)).collect()
    }

    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, LogFault> {
        Ok(self.up()?.checkpoints.range(size..).take(limit).map(|(_, checkpoint)| checkpoint.clone()).collect())
    }

    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, LogFault> {
        Ok(self.up()?.checkpoints.last_key_value().map(|(_, checkpoint)| checkpoint.clone()))
    }
}
