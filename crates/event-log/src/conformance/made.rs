//! Records for checks, and stores that hold some.

use super::check::said;
use crate::chain::{Prepared, Tip, link};
use crate::key::LogKey;
use crate::payload::SystemSalts;
use crate::record::{Class, Draft, Record};
use crate::store::{Batch, RecordStore};

/// Signed records of these streams, in order, as the log itself would write them.
pub(super) fn batch(tip: &mut Tip, streams: &[&str]) -> Result<Batch, String> {
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

pub(super) fn filled(store: &dyn RecordStore, streams: &[&str]) -> Result<(Tip, Vec<Record>), String> {
    let mut tip = Tip::START;
    let batch = batch(&mut tip, streams)?;
    store.append(&batch, None).map_err(said)?;
    Ok((tip, batch.records))
}
