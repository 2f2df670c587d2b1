//! What the log does in a second: append, export, verify, open. Run with `cargo bench -p event-log-rocksdb`.
//! The log that is opened holds `HEARTH_BENCH_RECORDS` records of 1 KiB (a million when not set).
#![expect(clippy::expect_used, clippy::panic, reason = "a measurement that fails is worth nothing")]

use std::io::sink;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use event_log::{Appender, Class, Draft, ExportOptions, LogKey, Outcome, SystemClock, Unit, Writer, export, verify_export};
use event_log_rocksdb::RocksLog;

const PAYLOAD_BYTES: usize = 1_024;
const QUEUE: usize = 1_024;
/// Records that one measured append run writes.
const APPENDED: u64 = 20_000;
/// Records in the log that is exported and verified.
const EXPORTED: u64 = 100_000;

fn open(path: &Path) -> Appender {
    let backend = Arc::new(RocksLog::open(path).expect("the folder opens"));
    let opened = Appender::open(backend, LogKey::from_seed(&[7; 32]), "bench.example/log", Arc::new(SystemClock));
    opened.expect("the log opens").0
}

fn unit(number: u64) -> Unit {
    let mut payload = format!("{{\"body\":\"{}\",\"n\":{number}}}", "x".repeat(PAYLOAD_BYTES)).into_bytes();
    payload.truncate(PAYLOAD_BYTES);
    Unit::of(vec![Draft {
        stream: format!("room:!{}:bench.example", number % 100),
        kind: "room.pdu".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload,
    }])
}

fn writer(log: Appender) -> (Writer<u64>, Receiver<usize>) {
    let (done, outcomes) = channel();
    let report = move |outcome: Outcome<u64>| match outcome {
        Outcome::Appended { units, .. } => done.send(units.len()).expect("the bench listens"),
        Outcome::Failed { error, .. } => panic!("append failed: {error}"),
    };
    (Writer::spawn(log, QUEUE, report).expect("a thread"), outcomes)
}

/// Keeps the queue full until `records` are in the log.
fn append(writer: &Writer<u64>, outcomes: &Receiver<usize>, records: u64) {
    let (mut sent, mut done) = (0, 0);
    while done < records {
        while sent < records && sent - done < QUEUE as u64 {
            writer.submit(unit(sent), sent).expect("room in the queue");
            sent += 1;
        }
        done += outcomes.recv().expect("the writer reports") as u64;
    }
}

fn bench_append(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let (writer, outcomes) = writer(open(folder.path()));
    let mut group = criterion.benchmark_group("append");
    group.sample_size(10).throughput(Throughput::Elements(APPENDED));
    group.bench_function("1KiB", |bencher| bencher.iter(|| append(&writer, &outcomes, APPENDED)));
    group.finish();
}

fn bench_export_and_verify(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let (writer, outcomes) = writer(open(folder.path()));
    append(&writer, &outcomes, EXPORTED);
    let log = writer.close().expect("the writer ends well");
    let mut lines = Vec::new();
    export(log.tree(), &ExportOptions::default(), &mut lines, &mut |_| ()).expect("the log exports");
    let mut group = criterion.benchmark_group("export");
    group.sample_size(10).throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("whole", |bencher| {
        bencher.iter(|| export(log.tree(), &ExportOptions::default(), &mut sink(), &mut |_| ()).expect("the log exports"));
    });
    group.finish();
    let mut group = criterion.benchmark_group("verify");
    group.sample_size(10).throughput(Throughput::Elements(EXPORTED));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        group.bench_function(format!("{threads}-core"), |bencher| {
            bencher.iter(|| pool.install(|| verify_export(lines.as_slice(), &mut |_| ()).expect("whole")));
        });
    }
    group.finish();
}

fn bench_open(criterion: &mut Criterion) {
    let records = std::env::var("HEARTH_BENCH_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let (writer, outcomes) = writer(open(folder.path()));
    append(&writer, &outcomes, records);
    drop(writer);
    let mut group = criterion.benchmark_group("open");
    group.sample_size(10);
    group.bench_function(format!("{records}-records"), |bencher| bencher.iter(|| open(folder.path())));
    group.finish();
}

criterion_group!(benches, bench_append, bench_export_and_verify, bench_open);
criterion_main!(benches);
