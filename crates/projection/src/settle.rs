//! Before anything is folded: are the views distinct, and which of their rows still hold?

use std::collections::{BTreeMap, BTreeSet};

use event_log::Position;

use crate::cursor::{self, Cursor};
use crate::range::successor;
use crate::{Fold, RowStore, ViewFault};

/// A fault when two folds have one name or one view byte.
pub(crate) fn check_distinct<F: 'static, S: 'static>(folds: &[Box<dyn Fold<F, S>>]) -> Result<(), ViewFault> {
    let (mut names, mut views) = (BTreeSet::new(), BTreeSet::new());
    for fold in folds {
        if !names.insert(fold.name()) {
            return Err(ViewFault::new(format!("two views are called {}", fold.name())));
        }
        if !(1..=254).contains(&fold.view()) || !views.insert(fold.view()) {
            let (name, view) = (fold.name(), fold.view());
            return Err(ViewFault::new(format!("view {name} may not have byte {view}: taken or out of range")));
        }
    }
    Ok(())
}

/// Makes the store's cursors those of `folds`, wiping what has no valid cursor. A crash in between is harmless: the
/// old cursors are replaced last, so the next start wipes again.
pub(crate) fn settle_cursors<F: 'static, S: 'static>(
    store: &dyn RowStore,
    folds: &[Box<dyn Fold<F, S>>],
) -> Result<BTreeMap<String, Cursor>, ViewFault> {
    let stored = cursor::read_all(&*store.snapshot())?;
    let mut wiped = BTreeSet::new();
    let mut settled = BTreeMap::new();
    for fold in folds {
        let mut cursor = Cursor { view: fold.view(), version: fold.version(), position: Position::ZERO };
        match stored.get(fold.name()) {
            Some(old) if (old.view, old.version) == (cursor.view, cursor.version) => cursor.position = old.position,
            _ => {
                wiped.insert(fold.view());
            }
        }
        settled.insert(fold.name().to_owned(), cursor);
    }
    // Views that are gone, and the bytes that views have left.
    let kept: BTreeSet<u8> = folds.iter().map(|fold| fold.view()).collect();
    wiped.extend(stored.values().map(|old| old.view).filter(|view| !kept.contains(view)));
    for view in wiped {
        store.delete_range(&[view], &successor(vec![view]))?;
    }
    if settled != stored {
        store.commit(&cursor::write_all(&settled)?)?;
    }
    Ok(settled)
}
