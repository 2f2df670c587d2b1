//! A made-up log and two small views, for the checks and benchmarks of row stores. Nothing here is Matrix.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{Class, Content, FORMAT_VERSION, Header, Payload, Position, Record, SALT_BYTES};

use crate::{
    Batch, Decode, Decoded, Fold, KeyRange, MemoryRows, Order, Place, RowStore, Runner, Table, Touched, ViewFault, digest,
};

/// Opens a store that is new and empty.
pub type Open<'o> = dyn Fn() -> Result<Arc<dyn RowStore>, ViewFault> + 'o;

/// Numbers that depend on a seed alone (SplitMix64).
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// The same seed gives the same numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit as u64)).unwrap_or(0)
    }

    /// Up to `limit` random bytes.
    pub fn bytes(&mut self, limit: usize) -> Vec<u8> {
        (0..self.below(limit + 1)).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// A short key from few letters, so that keys meet and begin with each other.
    pub fn key(&mut self) -> Vec<u8> {
        (0..1 + self.below(3)).map(|_| [0, 1, 97, 98, 254][self.below(5)]).collect()
    }
}

/// `count` records over a few streams: texts, some erased, some of the log's own, with gaps in the positions.
#[must_use]
pub fn sample_records(count: u64, seed: u64) -> Vec<Record> {
    let mut seeded = Seeded::new(seed);
    let mut position = Position::ZERO;
    (1..=count)
        .map(|count| {
            position.0 += 1 + (seeded.below(10) / 9) as u64;
            let of_the_log = seeded.below(20) == 0;
            let payload = if seeded.below(15) == 0 {
                Payload::Erased
            } else {
                let text = format!("text {} of record {count}", seeded.below(1_000));
                Payload::Present(Content::salted([0; SALT_BYTES], text.into_bytes()))
            };
            let header = Header {
                version: FORMAT_VERSION,
                count,
                position,
                at_ms: 1_000 * count,
                stream: format!("room:{}", seeded.below(7)),
                kind: if of_the_log { "log.sample" } else { "sample.text" }.to_owned(),
                kind_version: 1,
                class: Class::Plain,
                rest: 0,
                payload_digest: [0; 32],
                previous: [0; 32],
            };
            Record { header, signature: [0; 64], payload }
        })
        .collect()
}

/// The payload is the fact: a text.
pub struct Text;

impl Decode<String> for Text {
    fn decode(&self, record: &Record) -> Result<Decoded<String>, ViewFault> {
        let bytes = record.bytes().unwrap_or_default();
        Ok(String::from_utf8(bytes.to_vec()).map_or_else(|error| Decoded::Unreadable(error.to_string()), Decoded::Fact))
    }
}

const TEXTS: Table<(String, Position), String> = Table::new(1, 1);
const COUNTS: Table<String, u64> = Table::new(1, 2);
const NEWEST: Table<(String, Position), u64> = Table::new(2, 1);

/// Every text by stream and position, and how many there are of each stream, which each of them touches.
struct Texts {
    folded: Arc<AtomicU64>,
}

impl Fold<String, String> for Texts {
    fn name(&self) -> &'static str {
        "texts"
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
        self.folded.fetch_add(1, Ordering::Relaxed);
        touched.touch(|| place.stream.clone());
        TEXTS.put(batch, &(&place.stream, place.position), text)?;
        let count = COUNTS.get(batch, &place.stream)?.unwrap_or_default();
        COUNTS.put(batch, &place.stream, &(count + 1))
    }
}

/// The three newest positions of each stream that have a text: reads, scans and deletes what the same group wrote.
struct Newest {
    version: u32,
    folded: Arc<AtomicU64>,
}

impl Fold<String, String> for Newest {
    fn name(&self) -> &'static str {
        "newest"
    }

    fn view(&self) -> u8 {
        2
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched<String>, _: &String, place: &Place) -> Result<(), ViewFault> {
        self.folded.fetch_add(1, Ordering::Relaxed);
        NEWEST.put(batch, &(&place.stream, place.position), &place.at_ms)?;
        let stream = KeyRange::prefix(&place.stream);
        let newest = NEWEST.collect_keys(batch, stream, Order::Descending, 4)?;
        if let Some(fourth) = newest.get(3) {
            NEWEST.delete(batch, fourth)?;
        }
        Ok(())
    }
}

/// The two views, the second with the given version; `folded` counts the calls of each.
#[must_use]
pub fn sample_folds(version: u32, folded: &[Arc<AtomicU64>; 2]) -> Vec<Box<dyn Fold<String, String>>> {
    let [texts, newest] = folded.clone();
    vec![Box::new(Texts { folded: texts }), Box::new(Newest { version, folded: newest })]
}

/// A runner of the two views.
pub fn sample_runner(
    store: Arc<dyn RowStore>,
    version: u32,
    folded: &[Arc<AtomicU64>; 2],
) -> Result<Runner<String, String>, ViewFault> {
    Runner::new(store, sample_folds(version, folded), Box::new(Text))
}

/// The digest of rows in memory that `records` were folded into from nothing.
pub fn digest_after(records: &[Record]) -> Result<[u8; 32], ViewFault> {
    let store = Arc::new(MemoryRows::new());
    let rows: Arc<dyn RowStore> = store.clone();
    sample_runner(rows, 1, &Default::default())?.apply(records)?;
    digest(&*store.snapshot())
}
