//! Records whose payloads do not read: the server folds them as nothing, so an admin has to hear of each kind of them.

use engine::FactDecoder;
use event_log::{LOG_KIND_PREFIX, Record};
use projection::{Decode, Decoded};

/// How many are named; the rest is counted.
const NAMED_MAX: usize = 20;

/// Reads each record's fact and keeps those that do not read.
#[derive(Default)]
pub(crate) struct Unreadable {
    named: Vec<String>,
    count: u64,
}

impl Unreadable {
    /// Reads one record. What was erased or withheld says nothing, and the log's own records are not facts.
    pub(crate) fn look_at(&mut self, record: &Record) {
        let header = &record.header;
        if record.bytes().is_none() || header.kind.starts_with(LOG_KIND_PREFIX) {
            return;
        }
        let reason = match FactDecoder.decode(record) {
            Ok(Decoded::Fact(_)) => return,
            Ok(Decoded::Unreadable(reason)) => reason,
            Err(fault) => fault.to_string(),
        };
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(format!("position {} ({}): {reason}", header.position, header.kind));
        }
    }

    /// What there is to say, a line each; nothing when all records read.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.count == 0 {
            return Vec::new();
        }
        let mut lines = vec![format!("{} records do not read and are folded as nothing:", self.count)];
        lines.extend(self.named.iter().map(|named| format!("  {named}")));
        if self.count > self.named.len() as u64 {
            lines.push(format!("  and {} more", self.count - self.named.len() as u64));
        }
        lines
    }
}
