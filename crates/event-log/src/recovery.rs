//! What opening checks: the last records, the last checkpoint, the genesis record, the key. A torn tail is cut back to
//! the last whole unit; anything else that is wrong is an error that names the position.

use crate::chain::{Tip, check_known, unit_continues};
use crate::fault::LogFault;
use crate::key::PublicKey;
use crate::kinds::{self, Genesis, KeyRotated};
use crate::open_error::OpenError;
use crate::record::{MAX_BATCH_RECORDS, Position, Record};
use crate::store::{RecordStore, Stores, TreeStore};
use crate::tree;

/// What opening found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The log was empty and got its genesis record.
    pub created: bool,
    /// The torn tail that was cut off, if there was one.
    pub cut: Option<Cut>,
    /// Where the log ends now.
    pub tip: Tip,
}

/// A torn tail. None of it was ever acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// First position that was cut off.
    pub from: Position,
    /// Last position that was cut off, whole or not.
    pub to: Position,
}

pub(crate) fn recover(stores: &Stores) -> Result<Recovery, OpenError> {
    let (records, tree) = (stores.records.as_ref(), stores.tree.as_ref());
    let mut cut = None;
    if let Some(head) = records.head()? {
        let tail = tail(records, head)?;
        let keep = tail.whole.last().map_or(tail.before, Record::position);
        if keep < head {
            let from = tail.first_cut.unwrap_or(head);
            let tip = tail.whole.last().map_or(Tip::START, |record| Tip::of(&record.header));
            check_checkpoint(tree, &tip)?;
            records.cut(keep)?;
            cut = Some(Cut { from, to: head });
        }
        check_records(&tail.whole)?;
        let tip = tail.whole.last().map_or(Tip::START, |record| Tip::of(&record.header));
        check_checkpoint(tree, &tip)?;
        return Ok(Recovery { created: false, cut, tip });
    }
    check_checkpoint(tree, &Tip::START)?;
    Ok(Recovery { created: false, cut, tip: Tip::START })
}

/// The last records of the log, up to its last whole unit.
struct Tail {
    /// Position before the first record read.
    before: Position,
    whole: Vec<Record>,
    /// First record that belongs to a torn unit.
    first_cut: Option<Position>,
}

fn tail(store: &dyn RecordStore, head: Position) -> Result<Tail, OpenError> {
    let window = MAX_BATCH_RECORDS as u64;
    let start = Position(head.0.saturating_sub(window).max(1));
    let (mut whole, mut first_cut) = read_to(store, start, head)?;
    while let Some(last) = whole.last() {
        if last.header.rest == 0 {
            break;
        }
        first_cut = Some(last.position());
        whole.pop();
    }
    if whole.is_empty() && start > Position(1) {
        let what = format!("no unit ends in the last {window} records");
        return Err(OpenError::Damaged { position: start, what });
    }
    Ok(Tail { before: Position(start.0 - 1), whole, first_cut })
}

/// The records from `start` to `head`, and `head` itself apart if it is torn: only the very last record can be, for a
/// write that stopped leaves nothing behind it.
pub(crate) fn read_to(
    store: &dyn RecordStore,
    start: Position,
    head: Position,
) -> Result<(Vec<Record>, Option<Position>), LogFault> {
    let read = |end: u64| match usize::try_from((end + 1).saturating_sub(start.0)) {
        Ok(limit) if limit > 0 => store.read(start, limit, None),
        _ => Ok(Vec::new()),
    };
    match read(head.0) {
        Err(LogFault::Torn { position }) if position == head => Ok((read(head.0 - 1)?, Some(head))),
        other => Ok((other?, None)),
    }
}

/// Chain, units and payload digests of consecutive records.
fn check_records(records: &[Record]) -> Result<(), OpenError> {
    let mut before: Option<&Record> = None;
    for record in records {
        let position = record.position();
        let damaged = |what: String| OpenError::Damaged { position, what };
        if let Some(before) = before {
            Tip::of(&before.header).check(&record.header).map_err(damaged)?;
            if !unit_continues(before.header.rest, record.header.rest) {
                return Err(damaged("the unit before it is not whole".to_owned()));
            }
        } else if position == Position(1) {
            Tip::START.check(&record.header).map_err(damaged)?;
        } else {
            check_known(record.header.version).map_err(damaged)?;
        }
        record.check_payload().map_err(|what| damaged(what.to_owned()))?;
        before = Some(record);
    }
    Ok(())
}

/// The last checkpoint must not promise more than is there, and its root must be the stored tree's.
fn check_checkpoint(store: &dyn TreeStore, tip: &Tip) -> Result<(), OpenError> {
    let Some(last) = store.last_checkpoint()? else { return Ok(()) };
    if last.size > tip.count {
        return Err(OpenError::SetBack { count: tip.count, size: last.size });
    }
    let root = tree::root(store, last.size)?;
    let line = last.note.lines().nth(2).unwrap_or_default();
    if line == crate::codec::base64(&root) {
        Ok(())
    } else {
        let what = "the tree of hashes does not have the root of the last checkpoint".to_owned();
        Err(OpenError::Damaged { position: last.position, what })
    }
}

/// End of a log that someone else may be writing: the last whole unit, nothing is cut.
pub(crate) fn tip_for_reading(store: &dyn RecordStore) -> Result<Tip, OpenError> {
    let Some(head) = store.head()? else { return Ok(Tip::START) };
    let tail = tail(store, head)?;
    check_records(&tail.whole)?;
    Ok(tail.whole.last().map_or(Tip::START, |record| Tip::of(&record.header)))
}

pub(crate) fn genesis(store: &dyn RecordStore) -> Result<Option<Genesis>, OpenError> {
    let Some(first) = store.read(Position(1), 1, None)?.pop() else { return Ok(None) };
    let position = first.position();
    if first.header.kind != kinds::GENESIS {
        return Err(OpenError::Damaged { position, what: "the first record is not log.genesis".to_owned() });
    }
    match kinds::decode(first.bytes().unwrap_or_default()) {
        Ok(genesis) => Ok(Some(genesis)),
        Err(error) => Err(OpenError::Damaged { position, what: format!("genesis: {error}") }),
    }
}

/// Refuses a key that neither signed the last record, at `head`, nor was put in force by it.
pub(crate) fn check_key(store: &dyn RecordStore, head: Position, key: PublicKey) -> Result<(), OpenError> {
    let last = store.read(head, 1, None)?.pop();
    let is_current = last.is_some_and(|last| {
        if last.header.kind == kinds::KEY_ROTATED {
            let rotated: Result<KeyRotated, _> = kinds::decode(last.bytes().unwrap_or_default());
            return rotated.is_ok_and(|rotated| kinds::key_from(&rotated.key) == Ok(key));
        }
        key.verifies(&last.header.encode(), &last.signature)
    });
    if is_current { Ok(()) } else { Err(OpenError::OtherKey { key }) }
}
