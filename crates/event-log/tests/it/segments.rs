//! Segments: a log written piece by piece, and made whole again.

use std::io::{self, Read, Write};
use std::sync::Arc;

use event_log::{
    EPOCH_POSITIONS, Erasures, Head, MemoryBackend, Payload, Position, Record, Segment, SegmentError, Segments, WholeLog,
    restore, verify_log, write_segment,
};

use crate::support::{Bench, FixedClock, Log, ORIGIN, erase, key, log_of, open, unit};

/// More records than a test makes.
const RECORDS_MAX: usize = 10_000;

fn segment(log: &Log, after: Option<&Head>) -> Result<Option<(Segment, Vec<u8>)>, SegmentError> {
    let mut lines = Vec::new();
    Ok(write_segment(&log.tree, after, &mut lines, &mut |_| ())?.map(|segment| (segment, lines)))
}

fn restored(segments: &[(Segment, Vec<u8>)]) -> Vec<Record> {
    let mut erasures = Erasures::default();
    for (_, lines) in segments {
        erasures.read(lines.as_slice()).unwrap();
    }
    let last = &segments.last().unwrap().0;
    let log = WholeLog { origin: ORIGIN.to_owned(), head: last.head.clone(), version: last.version, at_ms: 1 };
    let lines = segments.iter().map(|(_, lines)| Ok(Box::new(io::Cursor::new(lines.clone())) as Box<dyn Read>));
    let export = Segments::new(&log, key(), lines.collect::<Vec<_>>().into_iter(), erasures);
    let clock = FixedClock::at(1_800_000_000_000);
    let (log, _) = restore(export, Arc::new(MemoryBackend::new()), key(), clock, &mut |_| ()).unwrap();
    verify_log(log.tree(), &mut |_| ()).unwrap();
    let mut records = log.reader().read(Position(1), RECORDS_MAX).unwrap();
    // The epoch that every restore begins, where nothing has been.
    let epoch = records.pop().unwrap();
    assert_eq!((epoch.position(), epoch.header.count), (Position(EPOCH_POSITIONS), last.head.count + 1));
    records
}

#[test]
fn what_a_later_segment_erases_is_gone_from_an_earlier_one() {
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![unit("room:a", &["first", "second \"kind\":\"log.erased\""])]);
    let first = segment(&log, None).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first.1).contains("first"));
    log.tree.checkpoint().unwrap();
    let bench = Bench::new(&log);
    bench.append(erase(&[2])).unwrap();
    bench.append(unit("room:b", &["third"])).unwrap();
    bench.close();
    let second = segment(&log, Some(&first.0.head)).unwrap().unwrap();
    assert_eq!((second.0.first, second.0.records), (Position(4), 2));
    assert_eq!(segment(&log, Some(&second.0.head)).unwrap(), None, "there is nothing new");
    let records = restored(&[first, second]);
    assert_eq!(records, log.reader.read(Position(1), 100).unwrap());
    assert_eq!(records[1].payload, Payload::Erased);
}

#[test]
fn a_log_that_does_not_go_on_from_there_is_another_one() {
    let log = log_of(&Arc::new(MemoryBackend::new()), vec![unit("room:a", &["a", "b"])]);
    let (first, _) = segment(&log, None).unwrap().unwrap();
    // The same positions and payloads; the salts are others.
    let other = log_of(&Arc::new(MemoryBackend::new()), vec![unit("room:a", &["a", "b"]), unit("room:a", &["c"])]);
    assert!(matches!(segment(&other, Some(&first.head)), Err(SegmentError::Diverged(Position(3)))));
    let behind = Head { position: Position(9), count: 9, ..first.head };
    assert!(matches!(segment(&log, Some(&behind)), Err(SegmentError::Diverged(Position(9)))));
}

/// Erases a payload that is still to be read, as soon as the first line is written.
struct ErasesMeanwhile<'a> {
    lines: Vec<u8>,
    bench: &'a Bench,
    position: u64,
}

impl Write for ErasesMeanwhile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.lines.is_empty() {
            self.bench.append(unit("room:b", &["in between"])).unwrap();
            self.bench.append(erase(&[self.position])).unwrap();
        }
        self.lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_payload_that_is_erased_meanwhile_brings_the_record_that_says_so() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let payloads: Vec<String> = (0..700).map(|number| format!("payload {number}")).collect();
    bench.append(unit("room:a", &payloads.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    let mut out = ErasesMeanwhile { lines: Vec::new(), bench: &bench, position: 690 };
    let written = write_segment(&log.tree, None, &mut out, &mut |_| ()).unwrap().unwrap();
    assert_eq!(written.head.position, Position(703), "up to the erasure, and not to where the log ended at first");
    let records = restored(&[(written, out.lines)]);
    assert_eq!(records, log.reader.read(Position(1), 1_000).unwrap());
    bench.close();
}

#[test]
fn lines_that_are_none_are_named() {
    let read = |bytes: &[u8]| Erasures::default().read(bytes).unwrap_err().to_string();
    assert!(read(b"{\"header\":{}").contains("cut off"));
    let forged = b"{\"header\":{\"at_ms\":1,\"class\":\"plain\",\"count\":1,\"kind\":\"log.erased\"}}\n";
    assert!(read(forged).contains("not the expected JSON"));
}
