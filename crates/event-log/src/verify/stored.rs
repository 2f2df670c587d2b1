//! Checking a log where it is stored, page by page, by the rules that hold for an export too.

use rayon::prelude::*;

use super::checked::{Checked, PAGE};
use super::checker::{Checker, Scope, Wrong};
use super::damage::{Damage, VerifyError};
use super::report::Report;
use super::signatures::{Signed, first_false};
use crate::chain::Tip;
use crate::export::{Checkpoints, Progress};
use crate::fault::LogFault;
use crate::keeper::TreeKeeper;
use crate::record::{FORMAT_VERSION, Header, Position, Record};
use crate::store::{RecordStore, Stores, TreeStore};

/// Verifies every record of a log, its checkpoints, and that it ends where and under the key that it should. The log may
/// be written meanwhile.
///
/// # Errors
/// The first damage by position, or that the log cannot be read.
pub fn verify_log(log: &TreeKeeper, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    verify_log_with(log, &mut |_| (), progress)
}

/// As [`verify_log`]; `read` gets each record, in order. What it was told counts only if there is no damage.
///
/// # Errors
/// As [`verify_log`].
pub fn verify_log_with(
    log: &TreeKeeper,
    read: &mut dyn FnMut(&Record),
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let reader = log.reader();
    let tip = reader.tip();
    let report = verify_stored(reader.records().as_ref(), log.store(), tip.position, read, progress)?;
    let damage = |what: &str| Damage { position: Some(tip.position), line: None, what: what.to_owned() };
    let verified = reader.get(tip.position)?.map(|record| Tip::of(&record.header));
    if report.tip.position < tip.position || verified != Some(tip) {
        return Err(damage("the log does not end where it did when it was opened").into());
    }
    if report.keys.last().map(|span| span.key) != Some(log.public_key()) {
        return Err(damage("the last key in the log is not the one that signs now").into());
    }
    Ok(report)
}

/// Verifies stored records up to `to` without knowing the log's key: the report names the keys. When payloads are erased
/// meanwhile, it goes on to the records that say so.
///
/// # Errors
/// As [`verify_log`].
pub fn verify_stores(stores: &Stores, to: Position, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    verify_stored(stores.records.as_ref(), stores.tree.as_ref(), to, &mut |_| (), progress)
}

fn verify_stored(
    records: &dyn RecordStore,
    tree: &dyn TreeStore,
    to: Position,
    read: &mut dyn FnMut(&Record),
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut checker = Checker::new(Scope { from: Position(1), to, stream: None, to_the_end: true, version: FORMAT_VERSION });
    let mut stored = Stored { store: records, checkpoints: Checkpoints::new(tree, 0), from: Position(1), bytes: 0, read };
    loop {
        while stored.from <= checker.to() {
            if !stored.page(&mut checker)? {
                break;
            }
            let total = Some(checker.to().0.max(checker.records()));
            progress(Progress { records: checker.records(), total, bytes: stored.bytes });
        }
        let head = records.head()?.unwrap_or(Position::ZERO);
        if !checker.misses_payloads() || head <= checker.to() {
            return Ok(checker.finish().map_err(|(position, what)| Damage { position, line: None, what })?);
        }
        checker.extend(head);
    }
}

/// A log that is being verified.
struct Stored<'a> {
    store: &'a dyn RecordStore,
    checkpoints: Checkpoints<'a>,
    from: Position,
    bytes: u64,
    read: &'a mut dyn FnMut(&Record),
}

impl Stored<'_> {
    /// Checks a page as one of an export is checked; false when there are no more records.
    fn page(&mut self, checker: &mut Checker) -> Result<bool, VerifyError> {
        let (page, fault) = read_page(self.store, self.from, checker.to())?;
        let Some(last) = page.last() else { return fault.map_or(Ok(false), |fault| Err(fault.into())) };
        self.from = last.position().next();
        let checked: Vec<Checked> = page.into_par_iter().map(Checked::new).collect();
        let mut signed = Vec::with_capacity(checked.len());
        let mut damage = None;
        for checked in checked {
            let expected = checker.expected();
            if let Err((position, what)) = self.record(checked, checker, &mut signed)? {
                damage = Some(Damage { position: position.or(Some(expected)), line: None, what });
                break;
            }
        }
        first_false(&signed).or(damage).map_or(Ok(true), |damage| Err(damage.into()))
    }

    fn record(
        &mut self,
        checked: Checked,
        checker: &mut Checker,
        signed: &mut Vec<Signed>,
    ) -> Result<Result<(), Wrong>, LogFault> {
        let Header { position, count, .. } = checked.record.header;
        self.bytes += (checked.header.len() + 64 + checked.record.bytes().map_or(0, <[u8]>::len)) as u64;
        let key = match checker.record(&checked) {
            Ok(key) => key,
            Err(wrong) => return Ok(Err(wrong)),
        };
        (self.read)(&checked.record);
        signed.push(Signed { header: checked.header, signature: checked.record.signature, key, position, line: None });
        if let Some(checkpoint) = self.checkpoints.at(count)?
            && let Err(what) = checker.checkpoint(checkpoint.note)
        {
            return Ok(Err((Some(position), what)));
        }
        Ok(Ok(()))
    }
}

/// A page up to `to`. When a record in it cannot be read, what stands before it, so that the first damage is found.
fn read_page(store: &dyn RecordStore, from: Position, to: Position) -> Result<(Vec<Record>, Option<LogFault>), LogFault> {
    let (mut page, fault) = match store.read(from, PAGE, None) {
        Ok(page) => (page, None),
        Err(fault @ (LogFault::Damaged { position, .. } | LogFault::Torn { position })) if position > from => {
            let before = usize::try_from(position.0 - from.0).unwrap_or(PAGE).min(PAGE);
            let page = store.read(from, before, None);
            (page.unwrap_or_default(), Some(fault))
        }
        Err(fault) => (Vec::new(), Some(fault)),
    };
    page.retain(|record| record.position() <= to);
    Ok((page, fault))
}
