//! What every backend must do. Run it on a new implementation before anything else:
//! `conformance::run(&|| Arc::new(MyBackend::new()))`.

use std::sync::Arc;

use crate::backend::{AppendError, Backend, Batch, StoredCheckpoint};
use crate::chain::{Prepared, Tip, link};
use crate::key::LogKey;
use crate::payload::{Content, Payload, SALT_BYTES, SystemSalts};
use crate::record::{Class, Draft, MAX_BATCH_RECORDS, OLDEST_FORMAT_VERSION, Position, Record};

type Outcome = Result<(), String>;
type Check = (&'static str, fn(&dyn Backend) -> Outcome);

const CHECKS: [Check; 12] = [
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
    ("tree nodes and checkpoints come back", tree),
    ("a batch of full size is taken", full_batch),
];

/// Runs every check, each on a backend that `fresh` makes.
///
/// # Errors
/// The first check that failed, and how.
pub fn run(fresh: &dyn Fn() -> Arc<dyn Backend>) -> Result<(), String> {
    for (name, check) in CHECKS {
        check(fresh().as_ref()).map_err(|what| format!("{name}: {what}"))?;
    }
    Ok(())
}

fn ensure(holds: bool, what: &str) -> Outcome {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, wanted: &T) -> Outcome {
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, wanted {wanted:?}")) }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Signed records of these streams, in order, as the log itself would write them.
fn batch(tip: &mut Tip, streams: &[&str]) -> Result<Batch, String> {
    let draft = |stream: &&str| Draft {
        stream: (*stream).to_owned(),
        kind: "test.made".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: format!("payload for {stream}").into_bytes(),
    };
    let drafts = streams.iter().map(draft).collect();
    let prepared = Prepared::own(drafts, Vec::new(), &SystemSalts).map_err(said)?;
    let linked = link(&LogKey::from_seed(&[1; 32]), *tip, 1, vec![prepared]);
    *tip = linked.tip;
    Ok(linked.batch)
}

fn filled(backend: &dyn Backend, streams: &[&str]) -> Result<(Tip, Vec<Record>), String> {
    let mut tip = Tip::START;
    let batch = batch(&mut tip, streams)?;
    backend.append(&batch, None).map_err(said)?;
    Ok((tip, batch.records))
}

fn empty(backend: &dyn Backend) -> Outcome {
    same(&backend.head(), &Ok(None))?;
    same(&backend.read(Position::ZERO, 10, None), &Ok(Vec::new()))?;
    same(&backend.read(Position(1), 10, Some("room:a")), &Ok(Vec::new()))?;
    same(&backend.last_checkpoint(), &Ok(None))?;
    same(&backend.checkpoints(0, 10), &Ok(Vec::new()))
}

fn order(backend: &dyn Backend) -> Outcome {
    let (mut tip, mut records) = filled(backend, &["room:a", "room:b", "user:c"])?;
    let expected = tip.expected();
    let more = batch(&mut tip, &["room:a", "server"])?;
    backend.append(&more, expected).map_err(said)?;
    records.extend(more.records);
    same(&backend.head(), &Ok(Some(Position(5))))?;
    same(&backend.read(Position::ZERO, 10, None), &Ok(records.clone()))?;
    same(&backend.read(Position(2), 2, None), &Ok(records[1..3].to_vec()))?;
    same(&backend.read(Position(5), 1, None), &Ok(records[4..].to_vec()))?;
    same(&backend.read(Position(6), 10, None), &Ok(Vec::new()))?;
    same(&backend.read(Position(1), 0, None), &Ok(Vec::new()))
}

fn conflict(backend: &dyn Backend) -> Outcome {
    let mut start = Tip::START;
    let first = batch(&mut start, &["room:a"])?;
    same(&backend.append(&first, Some(Position(1))), &Err(AppendError::Conflict))?;
    let (mut tip, records) = filled(backend, &["room:a", "room:b"])?;
    let more = batch(&mut tip, &["room:c"])?;
    for expected in [None, Some(Position(1)), Some(Position(3))] {
        same(&backend.append(&more, expected), &Err(AppendError::Conflict))?;
    }
    same(&backend.head(), &Ok(Some(Position(2))))?;
    same(&backend.read(Position(1), 10, None), &Ok(records))?;
    same(&backend.append(&more, Some(Position(2))), &Ok(()))
}

fn streams(backend: &dyn Backend) -> Outcome {
    let (_, records) = filled(backend, &["room:a", "room:a1", "room:a", "room:", "room:a"])?;
    let of_a: Vec<_> = records.iter().filter(|record| record.header.stream == "room:a").cloned().collect();
    same(&backend.read(Position(1), 10, Some("room:a")), &Ok(of_a.clone()))?;
    same(&backend.read(Position(2), 1, Some("room:a")), &Ok(of_a[1..2].to_vec()))?;
    same(&backend.read(Position(1), 10, Some("room:")), &Ok(records[3..4].to_vec()))?;
    same(&backend.read(Position(1), 10, Some("room")), &Ok(Vec::new()))
}

fn erase(backend: &dyn Backend) -> Outcome {
    let (mut tip, mut records) = filled(backend, &["room:a", "room:a", "room:b"])?;
    records[2].payload = Payload::Withheld;
    let expected = tip.expected();
    let mut more = batch(&mut tip, &["server", "server"])?;
    more.records[1].payload = Payload::Withheld;
    more.erase = vec![Position(1), Position(3), Position(99)];
    backend.append(&more, expected).map_err(said)?;
    records[0].payload = Payload::Erased;
    records[2].payload = Payload::Erased;
    records.extend(more.records);
    same(&backend.read(Position(1), 10, None), &Ok(records.clone()))?;
    same(&backend.read(Position(1), 10, Some("room:a")), &Ok(records[..2].to_vec()))
}

fn empty_payload(backend: &dyn Backend) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a"])?;
    batch.records[0].payload = Payload::Present(Content::salted([7; SALT_BYTES], Vec::new()));
    backend.append(&batch, None).map_err(said)?;
    same(&backend.read(Position(1), 1, None), &Ok(batch.records))
}

/// Records of both versions, with payloads that a salt could be mistaken for.
fn salts(backend: &dyn Backend) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a", "room:b", "room:a", "room:b"])?;
    for record in &mut batch.records[..2] {
        record.header.version = OLDEST_FORMAT_VERSION;
    }
    batch.records[0].payload = Payload::Present(Content::unsalted(Vec::new()));
    batch.records[1].payload = Payload::Present(Content::unsalted(vec![0; SALT_BYTES]));
    batch.records[2].payload = Payload::Present(Content::salted([0; SALT_BYTES], vec![1]));
    backend.append(&batch, None).map_err(said)?;
    same(&backend.read(Position(1), 10, None), &Ok(batch.records.clone()))?;
    same(&backend.read(Position(1), 10, Some("room:b")), &Ok(vec![batch.records[1].clone(), batch.records[3].clone()]))
}

fn gaps(backend: &dyn Backend) -> Outcome {
    let mut tip = Tip::START;
    let mut batch = batch(&mut tip, &["room:a", "room:b", "room:a"])?;
    for (record, position) in batch.records.iter_mut().zip([1, 5, 9]) {
        record.header.position = Position(position);
    }
    backend.append(&batch, None).map_err(said)?;
    same(&backend.head(), &Ok(Some(Position(9))))?;
    same(&backend.read(Position(2), 1, None), &Ok(batch.records[1..2].to_vec()))?;
    same(&backend.read(Position(6), 5, None), &Ok(batch.records[2..].to_vec()))?;
    same(&backend.read(Position(2), 5, Some("room:a")), &Ok(batch.records[2..].to_vec()))
}

fn cut(backend: &dyn Backend) -> Outcome {
    let (_, records) = filled(backend, &["room:a", "room:b", "room:a"])?;
    backend.cut(Position(1)).map_err(said)?;
    same(&backend.head(), &Ok(Some(Position(1))))?;
    same(&backend.read(Position(1), 10, None), &Ok(records[..1].to_vec()))?;
    same(&backend.read(Position(1), 10, Some("room:a")), &Ok(records[..1].to_vec()))?;
    let mut tip = Tip::of(&records[0].header);
    let more = batch(&mut tip, &["room:a"])?;
    backend.append(&more, Some(Position(1))).map_err(said)?;
    same(&backend.read(Position(2), 10, Some("room:a")), &Ok(more.records))?;
    backend.cut(Position::ZERO).map_err(said)?;
    same(&backend.head(), &Ok(None))
}

fn headers(backend: &dyn Backend) -> Outcome {
    let (_, records) = filled(backend, &["room:a", "room:b", "room:a"])?;
    let wanted: Vec<_> = records[1..].iter().map(|record| record.header.clone()).collect();
    same(&backend.read_headers(Position(2), 10), &Ok(wanted.clone()))?;
    same(&backend.read_headers(Position(2), 1), &Ok(wanted[..1].to_vec()))
}

fn tree(backend: &dyn Backend) -> Outcome {
    let checkpoint = |size: u64| StoredCheckpoint { size, position: Position(size), note: format!("note {size}\n") };
    let node = |number: u8| [number; 32];
    backend.extend_tree(0, &[node(0), node(1), node(2)], &checkpoint(2)).map_err(said)?;
    backend.extend_tree(3, &[node(3)], &checkpoint(3)).map_err(said)?;
    backend.extend_tree(3, &[node(3), node(4)], &checkpoint(300)).map_err(said)?;
    same(&backend.tree_nodes(&[4, 0, 2]), &Ok(vec![node(4), node(0), node(2)]))?;
    same(&backend.tree_nodes(&[]), &Ok(Vec::new()))?;
    ensure(backend.tree_nodes(&[0, 5]).is_err(), "a missing tree node is no error")?;
    same(&backend.last_checkpoint(), &Ok(Some(checkpoint(300))))?;
    same(&backend.checkpoints(0, 2), &Ok(vec![checkpoint(2), checkpoint(3)]))?;
    same(&backend.checkpoints(4, 2), &Ok(vec![checkpoint(300)]))
}

fn full_batch(backend: &dyn Backend) -> Outcome {
    let (_, records) = filled(backend, &vec!["room:a"; MAX_BATCH_RECORDS])?;
    same(&backend.read(Position(1), MAX_BATCH_RECORDS, None), &Ok(records))
}
