//! What a start costs, on a data folder of `HEARTH_BENCH_RECORDS` records (a million when not set): until the views follow the
//! log, until they do when their rows were thrown away, and until the lane of a room of 1,000 and of 200,000 messages decides.
//! Run with `cargo bench -p hearth --bench start`; the folder takes about 2 GB under `TMPDIR`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that fails is worth nothing, and says what it measured"
)]

#[path = "start/folder.rs"]
mod folder;
#[path = "start/messages.rs"]
mod messages;

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use folder::{Folder, Running};
use ruma::OwnedRoomId;

/// Messages in the rooms whose lanes are started.
const MESSAGES: [u64; 2] = [1_000, 200_000];
/// Messages that a lane finds after its snapshot, at worst: one more and it writes the next.
const TAIL: u64 = 191;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn records() -> u64 {
    std::env::var("HEARTH_BENCH_RECORDS").map_or(1_000_000, |text| text.parse().expect("HEARTH_BENCH_RECORDS is a number"))
}

fn say(what: &str, taken: Duration, records: u64) {
    let rate = records as f64 / taken.as_secs_f64();
    println!("{what}: {:.3} s, {rate:.0} records/s", taken.as_secs_f64());
}

/// How long the lane takes from cold to its first decision.
fn lane_start(folder: &Folder, room: &OwnedRoomId) -> Duration {
    let running = folder.start();
    let begun = Instant::now();
    running.refuse_one(room);
    begun.elapsed()
}

fn fill(folder: &Folder, running: Running) -> Vec<OwnedRoomId> {
    let rooms: Vec<OwnedRoomId> = MESSAGES.iter().map(|_| running.new_room()).collect();
    let others: Vec<OwnedRoomId> = (0..100).map(|_| running.new_room()).collect();
    drop(running);
    for (room, messages) in rooms.iter().zip(MESSAGES) {
        folder.append(std::slice::from_ref(room), messages);
    }
    folder.append(&others, records().saturating_sub(MESSAGES.iter().sum()));
    rooms
}

fn bench_start(criterion: &mut Criterion) {
    let folder = Folder::new();
    let rooms = fill(&folder, folder.start());
    folder.discard_views();
    let begun = Instant::now();
    drop(folder.start());
    say("rebuilding the views", begun.elapsed(), records());
    for _ in 0..3 {
        let begun = Instant::now();
        let running = folder.start();
        say("ready, after an orderly end", begun.elapsed(), records());
        drop(running);
    }
    for (room, messages) in rooms.iter().zip(MESSAGES) {
        println!("lane of {messages} messages without a snapshot: {:?}", lane_start(&folder, room));
        let running = folder.start();
        // The first of them makes the snapshot.
        (0..=TAIL).for_each(|number| running.send(room, number));
        drop(running);
    }
    let mut group = criterion.benchmark_group("lane start");
    group.sample_size(10);
    for (room, messages) in rooms.iter().zip(MESSAGES) {
        group.bench_function(format!("{messages} messages, {TAIL} of them after the snapshot"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| lane_start(&folder, room)).sum());
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_secs(1));
    targets = bench_start
}
criterion_main!(benches);
