//! What every store of records must do.

use super::check::{Outcome, said, same};
use super::made::{batch, filled};
use crate::chain::Tip;
use crate::fault::AppendError;
use crate::payload::{Content, Payload, SALT_BYTES};
use crate::record::{MAX_BATCH_RECORDS, OLDEST_FORMAT_VERSION, Position};
use crate::store::RecordStore;

type Check = (&'static str, fn(&dyn RecordStore) -> Outcome);

pub(super) const CHECKS: [Check; 11] = [
    ("an empty log has nothing", empty),
    ("records come back in order", order),
    ("another head than expected changes nothing", conflict),
    ("streams are told apart by their whole name", streams),
    ("erasing deletes the payload and nothing else", erase),
    ("an empty payload is not an erased one", empty_payload),
    ("a salt comes back with its payload, and none where there was none", salts),
    ("positions may have gaps", gaps),
    ("a cut removes what stands after it", cut),
    ("headers are read without payloads", headers),
    ("a batch of full size is taken", full_batch),
];

fn empty(store: &dyn RecordStore) -> Outcome {
    same(&store.head(), &Ok(None))?;
    same(&store.read(Position::ZERO, 10, None), &Ok(Vec::new()))?;
    same(&store.read(Position(1), 10, Some("room:a")), &Ok(Vec::new()))
}

fn order(store: &dyn RecordStore) -> Outcome {
    let (mut tip, mut records) = filled(store, &["room:a", "room:b", "user:c"])?;
    let expected = tip.expected();
    let more = batch(&mut tip, &["room:a", "server"])?;
    store.append(&more, expected).map_err(said)?;
    records.extend(more.records);
    same(&store.head(), &Ok(Some(Position(5))))?;
    same(&store.read(Position::ZERO, 10, None), &Ok(records.clone()))?;
    same(&store.read(Position(2), 2, None), &Ok(records[1..3].to_vec()))?;
    same(&store.read(Position(5), 1, None), &Ok(records[4..].to_vec()))?;
    same(&store.read(Position(6), 10, None), &Ok(Vec::new()))?;
    same(&store.read(Position(1), 0, None), &Ok(Vec::new()))
}

fn conflict(store: &dyn RecordStore) -> Outcome {
    let mut start = Tip::START;
    let first = batch(&mut start, &["room:a"])?;
    same(&store.append(&first, Some(Position(1))), &Err(AppendError::Conflict))?;
    let (mut tip, records) = filled(store, &["room:a", "room:b"])?;
    let more = batch(&mut tip, &["room:c"])?;
    for expected in [None, Some(Position(1)), Some(Position(3))] {
        same(&store.append(&more, expected), &Err(AppendError::Conflict))?;
    }
    same(&store.head(), &Ok(Some(Position(2))))?;
    same(&store.read(Position(1), 10, None), &Ok(records))?;
    same(&store.append(&more, Some(Position(2))), &Ok(()))
}

fn streams(store: &dyn RecordStore) -> Outcome {
    let (_, records) = filled(store, &["room:a", "room:a1", "room:a", "room:", "room:a"])?;
    let of_a: Vec<_> = records.iter().filter(|record| record.header.stream == "room:a").cloned().collect();
    same(&store.read(Position(1), 10, Some("room:a")), &Ok(of_a.clone()))?;
    same(&store.read(Position(2), 1, Some("room:a")), &Ok(of_a[1..2].to_vec()))?;
    same(&store.read(Position(1), 10, Some("room:")), &Ok(records[3..4].to_vec()))?;
    same(&store.read(Position(1), 10, Some("room")), &Ok(Vec::new()))
}

fn erase(store: &dyn RecordStore) -> Outcome {
    let (mut tip, mut records) = filled(store, &["room:a", "room:a", "room:b"])?;
    records[2].payload = Payload::Withheld;
    let expected = tip.expected();
    let mut more = batch(&mut tip, &["server", "server"])?;
    more.records[1].payload = Payload::Withheld;
    more.erase = vec![Position(1), Position(3), Position(99)];
    store.append(&more, expected).map_err(said)?;
    records[0].payload = Payload::Erased;
    records[2].payload = Payload::Erased;
    records.extend(more.records);
    same(&store.read(Position(1), 10, None), &Ok(records.clone()))?;
    same(&store.read(Position(1), 10, Some("room:a")), &Ok(records[..2].to_vec()))
}

fn empty_payload(store: &dyn RecordStore) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a"])?;
    batch.records[0].payload = Payload::Present(Content::salted([7; SALT_BYTES], Vec::new()));
    store.append(&batch, None).map_err(said)?;
    same(&store.read(Position(1), 1, None), &Ok(batch.records))
}

/// Records of both versions, with payloads that a salt could be mistaken for.
fn salts(store: &dyn RecordStore) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a", "room:b", "room:a", "room:b"])?;
    for record in &mut batch.records[..2] {
        record.header.version = OLDEST_FORMAT_VERSION;
    }
    batch.records[0].payload = Payload::Present(Content::unsalted(Vec::new()));
    batch.records[1].payload = Payload::Present(Content::unsalted(vec![0; SALT_BYTES]));
    batch.records[2].payload = Payload::Present(Content::salted([0; SALT_BYTES], vec![1]));
    store.append(&batch, None).map_err(said)?;
    same(&store.read(Position(1), 10, None), &Ok(batch.records.clone()))?;
    same(&store.read(Position(1), 10, Some("room:b")), &Ok(vec![batch.records[1].clone(), batch.records[3].clone()]))
}

fn gaps(store: &dyn RecordStore) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a", "room:b", "room:a"])?;
    for (record, position) in batch.records.iter_mut().zip([1, 5, 9]) {
        record.header.position = Position(position);
    }
    store.append(&batch, None).map_err(said)?;
    same(&store.head(), &Ok(Some(Position(9))))?;
    same(&store.read(Position(2), 1, None), &Ok(batch.records[1..2].to_vec()))?;
    same(&store.read(Position(6), 5, None), &Ok(batch.records[2..].to_vec()))?;
    same(&store.read(Position(2), 5, Some("room:a")), &Ok(batch.records[2..].to_vec()))
}

fn cut(store: &dyn RecordStore) -> Outcome {
    let (_, records) = filled(store, &["room:a", "room:b", "room:a"])?;
    store.cut(Position(1)).map_err(said)?;
    same(&store.head(), &Ok(Some(Position(1))))?;
    same(&store.read(Position(1), 10, None), &Ok(records[..1].to_vec()))?;
    same(&store.read(Position(1), 10, Some("room:a")), &Ok(records[..1].to_vec()))?;
    let mut tip = Tip::of(&records[0].header);
    let more = batch(&mut tip, &["room:a"])?;
    store.append(&more, Some(Position(1))).map_err(said)?;
    same(&store.read(Position(2), 10, Some("room:a")), &Ok(more.records))?;
    store.cut(Position::ZERO).map_err(said)?;
    same(&store.head(), &Ok(None))
}

fn headers(store: &dyn RecordStore) -> Outcome {
    let (_, records) = filled(store, &["room:a", "room:b", "room:a"])?;
    let wanted: Vec<_> = records[1..].iter().map(|record| record.header.clone()).collect();
    same(&store.read_headers(Position(2), 10), &Ok(wanted.clone()))?;
    same(&store.read_headers(Position(2), 1), &Ok(wanted[..1].to_vec()))
}

fn full_batch(store: &dyn RecordStore) -> Outcome {
    let (_, records) = filled(store, &vec!["room:a"; MAX_BATCH_RECORDS])?;
    same(&store.read(Position(1), MAX_BATCH_RECORDS, None), &Ok(records))
}
