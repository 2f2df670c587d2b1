//! The hash chain: how headers follow each other, and how units become signed records. No storage here.

use rayon::prelude::*;

use crate::codec;
use crate::key::LogKey;
use crate::kinds::{self, Erased};
use crate::payload::{Content, NoRandomness, Payload, SALT_BYTES, Salt, Salts, digest};
use crate::record::{
    Draft, FORMAT_VERSION, Header, Invalid, LOG_STREAM, MAX_BATCH_RECORDS, OLDEST_FORMAT_VERSION, Position, Record, Unit,
};
use crate::store::Batch;

/// From this many records on a group is signed on all cores; below it, handing work over costs more than it saves.
const PARALLEL_FROM: usize = 64;

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Position of the last record.
    pub position: Position,
    /// Number of records.
    pub count: u64,
    /// Its time, milliseconds since the epoch.
    pub at_ms: u64,
    /// Hash of its header.
    pub hash: [u8; 32],
    /// Version of its format; 0 before the first record.
    pub version: u16,
}

impl Tip {
    /// Before the first record.
    pub const START: Self = Self { position: Position::ZERO, count: 0, at_ms: 0, hash: [0; 32], version: 0 };

    /// The end of a log whose last record has this header.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        Self::with_hash(header, header.hash())
    }

    pub(crate) const fn with_hash(header: &Header, hash: [u8; 32]) -> Self {
        Self { position: header.position, count: header.count, at_ms: header.at_ms, hash, version: header.version }
    }

    /// What the port expects: the last position, or nothing in an empty log.
    #[must_use]
    pub fn expected(&self) -> Option<Position> {
        (self.count > 0).then_some(self.position)
    }

    /// Whether `header` may follow.
    ///
    /// # Errors
    /// What does not fit, for a person.
    pub fn check(&self, header: &Header) -> Result<(), String> {
        self.check_version(header)?;
        if header.count != self.count + 1 {
            return Err(format!("count is {} where {} must follow", header.count, self.count + 1));
        }
        if header.previous != self.hash {
            return Err("the hash of the previous header does not match".to_owned());
        }
        if header.position <= self.position {
            return Err(format!("position does not rise after {}", self.position));
        }
        if header.at_ms < self.at_ms {
            return Err("time falls".to_owned());
        }
        Ok(())
    }

    /// What an unknown version means is not guessed. A version never falls, so that the last record's is the highest, and
    /// no record without a salt comes after one with a salt.
    pub(crate) fn check_version(&self, header: &Header) -> Result<(), String> {
        check_known(header.version)?;
        if header.version < self.version {
            return Err(format!("the format version falls from {} to {}", self.version, header.version));
        }
        Ok(())
    }
}

/// Whether a record or an export of this version can be read.
pub(crate) fn check_known(version: u16) -> Result<(), String> {
    if (OLDEST_FORMAT_VERSION..=FORMAT_VERSION).contains(&version) {
        return Ok(());
    }
    Err(format!("format version {version} is not known; known are {OLDEST_FORMAT_VERSION} to {FORMAT_VERSION}"))
}

/// Whether a record with `rest` records still to come may follow one with `before`.
pub(crate) fn unit_continues(before: u16, rest: u16) -> bool {
    if before > 0 { rest == before - 1 } else { usize::from(rest) < MAX_BATCH_RECORDS }
}

/// A draft with its salt, and the digest of both.
#[derive(Debug)]
struct Sealed {
    draft: Draft,
    salt: Salt,
    digest: [u8; 32],
}

/// Why a unit was not prepared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unprepared {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A unit that was checked, salted and digested, on the caller's thread.
#[derive(Debug)]
pub(crate) struct Prepared {
    drafts: Vec<Sealed>,
    erase: Vec<Position>,
    erase_within: Vec<String>,
    pub(crate) bytes: usize,
}

impl Prepared {
    pub(crate) fn new(unit: Unit, salts: &dyn Salts) -> Result<Self, Unprepared> {
        unit.check()?;
        let mut drafts = unit.drafts;
        let (mut erase, mut erase_within) = (Vec::new(), Vec::new());
        if let Some(erasure) = unit.erase {
            erase = erasure.positions;
            erase_within = erasure.within;
            erase.sort_unstable();
            erase.dedup();
            let payload = Erased { positions: erase.clone(), reason: erasure.reason };
            drafts.push(kinds::own_draft(kinds::ERASED, &payload));
        }
        Ok(Self { erase_within, ..Self::own(drafts, erase, salts)? })
    }

    /// Drafts of the log's own, which callers cannot make.
    pub(crate) fn own(drafts: Vec<Draft>, erase: Vec<Position>, salts: &dyn Salts) -> Result<Self, NoRandomness> {
        let bytes = drafts.iter().map(|draft| draft.payload.len()).sum();
        let mut drawn = vec![[0; SALT_BYTES]; drafts.len()];
        salts.draw(&mut drawn)?;
        let seal = |(draft, salt): (Draft, Salt)| Sealed { digest: digest(&salt, &draft.payload), salt, draft };
        let drafts = drafts.into_iter().zip(drawn).map(seal).collect();
        Ok(Self { drafts, erase, erase_within: Vec::new(), bytes })
    }

    pub(crate) fn records(&self) -> usize {
        self.drafts.len()
    }

    pub(crate) fn erased(&self) -> &[Position] {
        &self.erase
    }

    /// Whether this unit may erase records of `stream`: never the log's own.
    pub(crate) fn may_erase_in(&self, stream: &str) -> bool {
        stream != LOG_STREAM && (self.erase_within.is_empty() || self.erase_within.iter().any(|own| own == stream))
    }
}

/// Units linked behind a tip and signed: one atomic append.
pub(crate) struct Linked {
    pub(crate) batch: Batch,
    pub(crate) tip: Tip,
    /// Hash of each header, in order: the leaves of the tree.
    pub(crate) leaves: Vec<[u8; 32]>,
}

/// Links headers one after the other, then signs them, on all cores when they are many.
pub(crate) fn link(key: &LogKey, mut tip: Tip, now_ms: u64, units: Vec<Prepared>) -> Linked {
    let at_ms = now_ms.max(tip.at_ms);
    let mut leaves = Vec::new();
    let mut unsigned = Vec::new();
    let mut erase = Vec::new();
    for unit in units {
        let records = unit.drafts.len();
        for (index, Sealed { draft, salt, digest }) in unit.drafts.into_iter().enumerate() {
            let header = Header {
                version: FORMAT_VERSION,
                count: tip.count + 1,
                position: tip.position.next(),
                at_ms,
                stream: draft.stream,
                kind: draft.kind,
                kind_version: draft.kind_version,
                class: draft.class,
                rest: u16::try_from(records - 1 - index).unwrap_or(u16::MAX),
                payload_digest: digest,
                previous: tip.hash,
            };
            let bytes = header.encode();
            tip = Tip::with_hash(&header, codec::hash(&bytes));
            leaves.push(tip.hash);
            unsigned.push((header, bytes, Content::salted(salt, draft.payload)));
        }
        erase.extend(unit.erase);
    }
    let sign = |(header, bytes, content): (Header, Vec<u8>, Content)| Record {
        header,
        signature: key.sign(&bytes),
        payload: Payload::Present(content),
    };
    let records = if unsigned.len() >= PARALLEL_FROM {
        unsigned.into_par_iter().map(sign).collect()
    } else {
        unsigned.into_iter().map(sign).collect()
    };
    Linked { batch: Batch { records, erase }, tip, leaves }
}
