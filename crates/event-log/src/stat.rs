//! How much of what a log holds: one pass over all records, for a person to look at.

use std::collections::BTreeMap;

use crate::backend::Fault;
use crate::export::Progress;
use crate::log::Log;
use crate::record::{Position, Record};

/// Records read at once.
const PAGE: usize = 1_024;
/// Streams that are counted one by one, at most; the rest are counted together.
const MAX_STREAMS: usize = 100_000;

/// Number and size of some records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of records.
    pub records: u64,
    /// Bytes of their payloads that are still there.
    pub payload_bytes: u64,
    /// Bytes of their headers and signatures.
    pub header_bytes: u64,
}

impl Tally {
    fn add(&mut self, record: &Record) {
        self.records += 1;
        self.payload_bytes += record.bytes().map_or(0, <[u8]>::len) as u64;
        self.header_bytes += (record.header.encode().len() + record.signature.len()) as u64;
    }
}

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// All records.
    pub all: Tally,
    /// By kind.
    pub kinds: BTreeMap<String, Tally>,
    /// By stream, for the first streams that were met.
    pub streams: BTreeMap<String, Tally>,
    /// All streams after those.
    pub other_streams: Tally,
    /// Time of the first record, milliseconds since the epoch.
    pub first_ms: u64,
    /// Time of the last record, milliseconds since the epoch.
    pub last_ms: u64,
}

impl Stat {
    /// Records a second over the life of the log; 0 when it has no length.
    #[must_use]
    pub fn records_per_s(&self) -> u64 {
        let life_ms = self.last_ms - self.first_ms;
        (self.all.records * 1_000).checked_div(life_ms).unwrap_or(0)
    }
}

/// Counts every record up to the log's end.
///
/// # Errors
/// When the log cannot be read.
pub fn stat(log: &Log, progress: &mut dyn FnMut(Progress)) -> Result<Stat, Fault> {
    let tip = log.tip();
    let mut stat = Stat::default();
    let mut from = Position(1);
    while from <= tip.position {
        let page = log.read(from, PAGE)?;
        let Some(last) = page.last() else { break };
        from = last.position().next();
        for record in page.iter().filter(|record| record.position() <= tip.position) {
            stat.add(record);
        }
        let bytes = stat.all.payload_bytes + stat.all.header_bytes;
        progress(Progress { records: stat.all.records, total: Some(tip.count), bytes });
    }
    Ok(stat)
}

impl Stat {
    fn add(&mut self, record: &Record) {
        if self.all.records == 0 {
            self.first_ms = record.header.at_ms;
        }
        self.last_ms = record.header.at_ms;
        self.all.add(record);
        self.kinds.entry(record.header.kind.clone()).or_default().add(record);
        if self.streams.len() < MAX_STREAMS || self.streams.contains_key(&record.header.stream) {
            self.streams.entry(record.header.stream.clone()).or_default().add(record);
        } else {
            self.other_streams.add(record);
        }
    }
}
