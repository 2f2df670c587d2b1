//! The rules that hold from record to record, one after the other: order, chain, units, erasures, keys, checkpoints.
//! Signatures are checked elsewhere; this says by which key each must be.

use ed25519_dalek::VerifyingKey;

use super::checked::Checked;
use super::report::{KeySpan, Report};
use crate::chain::{Tip, unit_continues};
use crate::checkpoint::{Checkpoint, origin_is_valid};
use crate::erased::PositionSet;
use crate::key::PublicKey;
use crate::kinds::{self, Epoch, Erased, Genesis, KeyRotated};
use crate::payload::Payload;
use crate::record::{Class, Header, LOG_KIND_PREFIX, LOG_STREAM, Position};
use crate::store::StoredCheckpoint;
use crate::tree::Edge;

/// Which records are to be there.
pub(super) struct Scope {
    pub(super) from: Position,
    pub(super) to: Position,
    pub(super) stream: Option<String>,
    /// Whether the log ends at `to`. A range that was asked for may end within a unit, a log may not.
    pub(super) to_the_end: bool,
    /// The highest version that a record may have.
    pub(super) version: u16,
}

impl Scope {
    /// Whether records may be left out between the one that ended at `before` and `next`.
    fn allows_gap(&self, before: Position, next: Position) -> bool {
        self.stream.is_some() || next <= self.from || before >= self.to
    }

    fn holds(&self, header: &Header) -> bool {
        let in_range = self.from <= header.position && header.position <= self.to;
        header.stream == LOG_STREAM || (in_range && self.stream.as_ref().is_none_or(|stream| *stream == header.stream))
    }
}

/// A position, if it is another than the one expected, and what is wrong.
pub(super) type Wrong = (Option<Position>, String);

/// What is known at some point of the log.
pub(super) struct Checker {
    scope: Scope,
    tip: Tip,
    /// Records still to come in the last record's unit.
    rest: u16,
    origin: String,
    key: Option<(PublicKey, VerifyingKey)>,
    keys: Vec<KeySpan>,
    epoch: u64,
    /// Payloads that are missing and not yet named by an erasure.
    missing: PositionSet,
    /// The tree, as long as no record was left out.
    edge: Option<Edge>,
    last_checkpoint: u64,
    records: u64,
    erased: u64,
    withheld: u64,
    checkpoints: u64,
}

impl Checker {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            tip: Tip::START,
            rest: 0,
            origin: String::new(),
            key: None,
            keys: Vec::new(),
            epoch: 0,
            missing: PositionSet::default(),
            edge: Some(Edge::default()),
            last_checkpoint: 0,
            records: 0,
            erased: 0,
            withheld: 0,
            checkpoints: 0,
        }
    }

    pub(super) const fn records(&self) -> u64 {
        self.records
    }

    /// The last position that must be there.
    pub(super) const fn to(&self) -> Position {
        self.scope.to
    }

    /// More records are to follow than was said.
    pub(super) const fn extend(&mut self, to: Position) {
        self.scope.to = to;
    }

    /// Whether an erasure is still to come that names payloads which are gone.
    pub(super) fn misses_payloads(&self) -> bool {
        self.missing.first().is_some()
    }

    /// The position that should come next.
    pub(super) const fn expected(&self) -> Position {
        self.tip.position.next()
    }

    /// Holds a record against all that came before it, and says whose signature it must bear.
    pub(super) fn record(&mut self, checked: &Checked) -> Result<VerifyingKey, Wrong> {
        let header = &checked.record.header;
        let here = |what: String| (Some(header.position), what);
        self.order(header)?;
        if !self.scope.holds(header) {
            return Err(here("the record is not of the part that was exported".to_owned()));
        }
        checked.payload.map_err(|what| here(what.to_owned()))?;
        let key = self.key_of(checked).map_err(here)?;
        self.payload(checked).map_err(here)?;
        self.tip = Tip::with_hash(header, checked.hash);
        self.rest = header.rest;
        self.records += 1;
        if let Some(edge) = &mut self.edge {
            edge.push(checked.hash);
        }
        Ok(key)
    }

    fn order(&mut self, header: &Header) -> Result<(), Wrong> {
        self.tip.check_version(header).map_err(|what| (None, what))?;
        if header.version > self.scope.version {
            let what = format!("format version {} in an export of version {}", header.version, self.scope.version);
            return Err((None, what));
        }
        if header.count == self.tip.count + 1 {
            self.tip.check(header).map_err(|what| (None, what))?;
            if !unit_continues(self.rest, header.rest) {
                return Err((None, "the unit before it is not whole".to_owned()));
            }
            return Ok(());
        }
        let rises = header.count > self.tip.count
            && header.position.0 - self.tip.position.0.min(header.position.0) >= header.count - self.tip.count;
        let fits = rises && header.at_ms >= self.tip.at_ms && self.tip.count > 0;
        if !fits || !self.scope.allows_gap(self.tip.position, header.position) {
            let what = format!("count is {} where {} must follow", header.count, self.tip.count + 1);
            return Err((None, what));
        }
        self.edge = None;
        Ok(())
    }

    /// The log's own records change the key; every other is signed by the key in force.
    fn key_of(&mut self, checked: &Checked) -> Result<VerifyingKey, String> {
        let header = &checked.record.header;
        let own = header.stream == LOG_STREAM;
        if own != header.kind.starts_with(LOG_KIND_PREFIX) {
            return Err("stream `log` and kinds `log.*` belong to the log itself".to_owned());
        }
        if header.count == 1 && header.kind != kinds::GENESIS {
            return Err("the first record is not log.genesis".to_owned());
        }
        if own {
            return self.own_record(checked);
        }
        self.key.map(|(_, verifying)| verifying).ok_or_else(|| "no key is known yet".to_owned())
    }

    fn own_record(&mut self, checked: &Checked) -> Result<VerifyingKey, String> {
        let header = &checked.record.header;
        let Some(payload) = checked.record.bytes() else {
            return Err("a record of the log's own has no payload".to_owned());
        };
        if header.kind_version != 1 || header.class != Class::Plain {
            return Err("a record of the log's own of unknown version or class".to_owned());
        }
        let position = header.position;
        let unreadable = |error: crate::codec::CodecError| format!("payload of {}: {error}", header.kind);
        let before = self.key.map(|(_, verifying)| verifying);
        let signs_before = before.ok_or_else(|| "no key is known yet".to_owned());
        match header.kind.as_str() {
            kinds::GENESIS => {
                let genesis: Genesis = kinds::decode(payload).map_err(unreadable)?;
                if header.count != 1 || genesis.epoch != 1 || !origin_is_valid(&genesis.origin) {
                    return Err("genesis is not first, or not of epoch 1, or names no origin".to_owned());
                }
                self.origin = genesis.origin;
                self.epoch = 1;
                self.change_key(position, &genesis.key, false)
            }
            kinds::KEY_ROTATED => {
                let rotated: KeyRotated = kinds::decode(payload).map_err(unreadable)?;
                self.change_key(position, &rotated.key, true)?;
                signs_before
            }
            kinds::EPOCH => {
                let epoch: Epoch = kinds::decode(payload).map_err(unreadable)?;
                if epoch.epoch != self.epoch + 1 {
                    return Err(format!("epoch {} follows epoch {}", epoch.epoch, self.epoch));
                }
                self.epoch = epoch.epoch;
                let same = self.key.is_some_and(|(key, _)| kinds::key_text(&key) == epoch.key);
                if same { signs_before } else { self.change_key(position, &epoch.key, false) }
            }
            kinds::ERASED => {
                let erased: Erased = kinds::decode(payload).map_err(unreadable)?;
                let rising = erased.positions.is_sorted_by(|a, b| a < b);
                if !rising || erased.positions.last().is_none_or(|last| *last >= position) {
                    return Err("an erasure names positions that do not rise or are not before it".to_owned());
                }
                erased.positions.iter().for_each(|position| self.missing.remove(*position));
                signs_before
            }
            other => Err(format!("`{other}` is no kind that this version knows")),
        }
    }

    fn change_key(&mut self, from: Position, text: &str, vouched: bool) -> Result<VerifyingKey, String> {
        let key = kinds::key_from(text).map_err(|error| error.to_string())?;
        let verifying = key.verifying().ok_or_else(|| "the key is not a usable Ed25519 key".to_owned())?;
        self.key = Some((key, verifying));
        self.keys.push(KeySpan { from, key, vouched });
        Ok(verifying)
    }

    fn payload(&mut self, checked: &Checked) -> Result<(), String> {
        match checked.record.payload {
            Payload::Present(_) => {}
            Payload::Erased => {
                self.erased += 1;
                self.missing.insert(checked.record.position());
            }
            Payload::Withheld if checked.record.header.class == Class::Secret => self.withheld += 1,
            Payload::Withheld => return Err("a plain record's payload is withheld".to_owned()),
        }
        Ok(())
    }

    /// A checkpoint must stand right after the last record that it covers.
    pub(super) fn checkpoint(&mut self, note: String) -> Result<StoredCheckpoint, String> {
        let Some((key, _)) = &self.key else { return Err("a checkpoint before the first record".to_owned()) };
        let checkpoint = Checkpoint::open(&note, &self.origin, key)?;
        let Some(edge) = &self.edge else { return Err("a checkpoint where records were left out".to_owned()) };
        if checkpoint.size != self.tip.count || checkpoint.position != self.tip.position {
            return Err("the checkpoint does not belong to this place".to_owned());
        }
        if checkpoint.size == self.last_checkpoint {
            return Err("a second checkpoint of the same size".to_owned());
        }
        if checkpoint.root != edge.root() {
            return Err("the checkpoint's root is not that of the records before it".to_owned());
        }
        self.last_checkpoint = checkpoint.size;
        self.checkpoints += 1;
        Ok(StoredCheckpoint { size: checkpoint.size, position: checkpoint.position, note })
    }

    pub(super) fn finish(self) -> Result<Report, Wrong> {
        if self.records == 0 {
            return Err((Some(Position(1)), "there are no records".to_owned()));
        }
        if let Some(position) = self.missing.first() {
            return Err((Some(position), "the payload is missing and no record says that it was erased".to_owned()));
        }
        if self.scope.stream.is_none() && self.tip.position < self.scope.to {
            return Err((Some(self.expected()), "records up to the end are missing".to_owned()));
        }
        if self.scope.to_the_end && self.scope.stream.is_none() && self.tip.position == self.scope.to && self.rest > 0 {
            return Err((Some(self.expected()), "the last unit is not whole".to_owned()));
        }
        Ok(Report {
            origin: self.origin,
            records: self.records,
            erased: self.erased,
            withheld: self.withheld,
            checkpoints: self.checkpoints,
            epoch: self.epoch,
            keys: self.keys,
            tip: self.tip,
            manifest: None,
        })
    }
}
