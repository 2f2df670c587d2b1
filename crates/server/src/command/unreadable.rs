//! Records whose payloads do not read: the server folds them as nothing, so an admin has to hear of them.

use engine::FactDecoder;
use event_log::{LOG_KIND_PREFIX, Record};
use projection::{Decode, Decoded};

/// How many are named; the rest is counted.
const NAMED_MAX: usize = 20;

/// Reads each record's fact and keeps those that do not read.
#[derive(Default)]
pub(crate) struct Unreadable {
    /// Those of kinds that this version knows.
    broken: Listed,
    /// Those of kinds that it does not know: another version's, or another program's.
    unknown: Listed,
}

#[derive(Default)]
struct Listed {
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
        match FactDecoder.decode(record) {
            Ok(Decoded::Fact(_)) => {}
            Ok(Decoded::Unreadable(reason)) => {
                self.broken.add(|| format!("position {} ({}): {reason}", header.position, header.kind));
            }
            Err(_) => {
                let (kind, version) = (&header.kind, header.kind_version);
                self.unknown.add(|| format!("position {}: {kind} version {version}", header.position));
            }
        }
    }

    /// Whether a record of a known kind does not read.
    pub(crate) fn has_broken(&self) -> bool {
        self.broken.count > 0
    }

    /// What there is to say, a line each; nothing when all records read.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.broken.lines("records do not read and are folded as nothing:");
        lines.extend(self.unknown.lines("records are of kinds that this version does not know:"));
        lines
    }
}

impl Listed {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(name());
        }
    }

    fn lines(&self, what: &str) -> Vec<String> {
        if self.count == 0 {
            return Vec::new();
        }
        let mut lines = vec![format!("{} {what}", self.count)];
        lines.extend(self.named.iter().map(|named| format!("  {named}")));
        if self.count > self.named.len() as u64 {
            lines.push(format!("  and {} more", self.count - self.named.len() as u64));
        }
        lines
    }
}
