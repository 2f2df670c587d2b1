//! How fast facts are folded into RocksDB: a replay in groups of a thousand, and one message at a time.
//!
//! The fold is made up but shaped like a chat's: 8 rows written and 5 read a message.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use projection::{
    Batch, Fold, GROUP_RECORDS, KeyRange, Order, Place, RowStore, Runner, Table, Touched, ViewFault, conformance,
};
use projection_rocksdb::{RocksRows, Settings};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

const FACTS: u64 = 50_000;
const MEMBERS: u64 = 3;

#[derive(Serialize, Deserialize)]
struct Message {
    sender: String,
    at_ms: u64,
    body: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Room {
    messages: u64,
    newest: u64,
}

const TIMELINE: Table<(String, u64), Message> = Table::new(1, 1);
const BY_ID: Table<String, (String, u64)> = Table::new(1, 2);
const ROOMS: Table<String, Room> = Table::new(1, 3);
const UNREAD: Table<(String, String), u64> = Table::new(1, 4);
const CHANGED: Table<(String, u64), String> = Table::new(1, 5);

struct Chat;

impl Fold<String, String> for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn view(&self) -> u8 {
        1
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(
        &self,
        batch: &mut Batch<'_>,
        touched: &mut Touched<String>,
        text: &String,
        place: &Place,
    ) -> Result<(), ViewFault> {
        let (room, position) = (&place.stream, place.position.0);
        touched.touch(|| room.clone());
        let sender = format!("@user{}:example.org", position % MEMBERS);
        // About the size of an encrypted message.
        let message = Message { sender, at_ms: place.at_ms, body: text.repeat(20) };
        TIMELINE.put(batch, &(room, position), &message)?;
        BY_ID.put(batch, &format!("$event{}", position.wrapping_mul(0x9e37_79b9_7f4a_7c15)), &(room.clone(), position))?;
        let mut summary = ROOMS.get(batch, room)?.unwrap_or_default();
        summary.messages += 1;
        summary.newest = position;
        ROOMS.put(batch, room, &summary)?;
        for member in 0..MEMBERS {
            let member = format!("@user{member}:example.org");
            let unread = UNREAD.get(batch, &(&member, room))?.unwrap_or_default();
            UNREAD.put(batch, &(&member, room), &(unread + 1))?;
        }
        for member in 0..2 {
            CHANGED.put(batch, &(format!("@user{member}:example.org"), position), room)?;
        }
        black_box(BY_ID.contains(batch, text)?);
        Ok(())
    }
}

fn runner(folder: &TempDir) -> Runner<String, String> {
    let store = RocksRows::open(folder.path(), Settings::default()).unwrap();
    Runner::new(Arc::new(store), vec![Box::new(Chat)], Box::new(conformance::Text)).unwrap()
}

fn replay(criterion: &mut Criterion) {
    let records = conformance::sample_records(FACTS, 1);
    let mut group = criterion.benchmark_group("replay");
    group.sample_size(10).throughput(Throughput::Elements(FACTS));
    group.bench_function("groups of 1000", |bencher| {
        bencher.iter_batched_ref(
            || {
                let folder = TempDir::new().unwrap();
                (runner(&folder), folder)
            },
            |(runner, _folder)| {
                for records in records.chunks(GROUP_RECORDS) {
                    runner.apply(records).unwrap();
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn live(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    let runner = runner(&folder);
    // Enough records for every iteration that criterion may ask for; the first half is there before the clock starts.
    let records = conformance::sample_records(1_000_000, 1);
    let (before, after) = records.split_at(100_000);
    runner.apply(before).unwrap();
    let mut next = after.chunks(1);
    let mut group = criterion.benchmark_group("live");
    group.throughput(Throughput::Elements(1));
    group.bench_function("one message", |bencher| {
        bencher.iter(|| runner.apply(next.next().unwrap()).unwrap());
    });
    group.finish();
}

fn reads(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(RocksRows::open(folder.path(), Settings::default()).unwrap());
    let runner = Runner::new(store.clone(), vec![Box::new(Chat)], Box::new(conformance::Text)).unwrap();
    runner.apply(&conformance::sample_records(200_000, 1)).unwrap();
    let snapshot = store.snapshot();
    let mut group = criterion.benchmark_group("read");
    group.bench_function("get", |bencher| bencher.iter(|| ROOMS.get(&*snapshot, "room:3").unwrap()));
    group.bench_function("last 20 of a timeline", |bencher| {
        bencher.iter(|| TIMELINE.collect(&*snapshot, KeyRange::prefix("room:3"), Order::Descending, 20).unwrap());
    });
    group.bench_function("snapshot", |bencher| bencher.iter(|| black_box(store.snapshot())));
    group.finish();
}

/// The front of a queue whose older rows were all delivered and deleted.
fn queue(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    let store = RocksRows::open(folder.path(), Settings::default()).unwrap();
    for position in 0..100_000u64 {
        let snapshot = store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        CHANGED.put(&mut batch, &("@user:example.org", position), &"waiting".repeat(30)).unwrap();
        if let Some(delivered) = position.checked_sub(5) {
            CHANGED.delete(&mut batch, &("@user:example.org", delivered)).unwrap();
        }
        let front = CHANGED.first(&batch, KeyRange::prefix("@user:example.org")).unwrap();
        black_box(front);
        let writes = batch.into_writes();
        drop(snapshot);
        store.commit(&writes).unwrap();
    }
    criterion.bench_function("front of a queue", |bencher| {
        bencher.iter(|| {
            CHANGED.collect(&*store.snapshot(), KeyRange::prefix("@user:example.org"), Order::Ascending, 10).unwrap()
        });
    });
}

criterion_group!(benches, replay, live, reads, queue);
criterion_main!(benches);
