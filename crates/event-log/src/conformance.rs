//! What every pair of stores must do. Run it on new ones before anything else:
//! `conformance::run(&|| Arc::new(MyStore::new()).into())`, and [`run_beside`] where another process can read them.

mod beside;
mod records;
mod tree;

use std::sync::Arc;

use crate::chain::{Prepared, Tip, link};
use crate::key::LogKey;
use crate::payload::SystemSalts;
use crate::record::{Class, Draft, Record};
use crate::store::{Batch, RecordStore, Stores};

type Outcome = Result<(), String>;

/// Opens another handle on the same records, as another process would, while the first one is in use.
pub type OpenBeside = Box<dyn Fn() -> Arc<dyn RecordStore>>;

/// Runs every check, each on empty stores that `fresh` makes.
///
/// # Errors
/// The first check that failed, and how.
pub fn run(fresh: &dyn Fn() -> Stores) -> Result<(), String> {
    for (name, check) in records::CHECKS {
        check(fresh().records.as_ref()).map_err(|what| format!("{name}: {what}"))?;
    }
    tree::check(fresh().tree.as_ref()).map_err(|what| format!("tree nodes and checkpoints come back: {what}"))
}

/// Runs the checks of followers: one on the handle that appends, one on another handle on the same records.
///
/// # Errors
/// The first check that failed, and how.
pub fn run_beside(fresh: &dyn Fn() -> (Stores, OpenBeside)) -> Result<(), String> {
    for (name, check) in beside::CHECKS {
        let (stores, open) = fresh();
        check(stores, &open).map_err(|what| format!("{name}: {what}"))?;
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

fn filled(store: &dyn RecordStore, streams: &[&str]) -> Result<(Tip, Vec<Record>), String> {
    let mut tip = Tip::START;
    let batch = batch(&mut tip, streams)?;
    store.append(&batch, None).map_err(said)?;
    Ok((tip, batch.records))
}
