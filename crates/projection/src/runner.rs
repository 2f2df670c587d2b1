//! Drives the folds: catching up from the log at start, then group by group as records are appended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use event_log::{LOG_KIND_PREFIX, Log, Payload, Position, Record};
use parking_lot::Mutex;

use crate::cursor::{self, Cursor};
use crate::range::successor;
use crate::{Batch, Decode, Fault, Fold, Placed, Progress, RowStore};

/// The most records that are folded into one commit.
pub const GROUP_RECORDS: usize = 1_000;

/// Folds records into rows. The only writer of its store.
pub struct Runner<F: 'static> {
    store: Arc<dyn RowStore>,
    folds: Vec<Running<F>>,
    decode: Box<dyn Decode<F>>,
    progress: Arc<Progress>,
    /// The dense count of the last record folded since the start. Held while folding: groups never overlap.
    last_count: Mutex<Option<u64>>,
}

struct Running<F: 'static> {
    fold: Box<dyn Fold<F>>,
    /// The position this view had reached when the runner started; the group may be behind it for a while.
    ahead: Position,
}

impl<F: 'static> Runner<F> {
    /// Reads the cursors of `store` and wipes the rows of every view that is new, gone, or of another version;
    /// those start from zero at the next [`Runner::catch_up`]. Two folds of one name or one view byte are a fault.
    pub fn new(store: Arc<dyn RowStore>, folds: Vec<Box<dyn Fold<F>>>, decode: Box<dyn Decode<F>>) -> Result<Self, Fault> {
        check_distinct(&folds)?;
        let cursors = settle_cursors(&*store, &folds)?;
        let reached = cursor::slowest(cursors.values());
        let folds = folds
            .into_iter()
            .map(|fold| Running { ahead: cursors.get(fold.name()).map_or(Position::ZERO, |cursor| cursor.position), fold })
            .collect();
        Ok(Self { store, folds, decode, progress: Arc::new(Progress::new(reached)), last_count: Mutex::new(None) })
    }

    /// The position that every view has reached and committed.
    pub fn position(&self) -> Position {
        self.progress.reached()
    }

    /// A handle on [`Runner::position`] that outlives borrows of the runner.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Folds everything the log has beyond the cursors, at most [`GROUP_RECORDS`] to a commit, and calls `progress`
    /// after each. After a fault it may be called again and goes on where the last commit ended.
    pub fn catch_up(&self, log: &Log, progress: &mut dyn FnMut(Position)) -> Result<(), Fault> {
        loop {
            let from = self.position().next();
            let records = log
                .read(from, GROUP_RECORDS)
                .map_err(|error| Fault::caused(format!("the log could not be read from position {from}"), error))?;
            if records.is_empty() {
                return Ok(());
            }
            self.apply(&records)?;
            progress(self.position());
        }
    }

    /// Folds records that follow the ones folded so far, commits them, and returns what was folded so that the caller
    /// can wake those whom it touches. Records that were folded before are passed over. The log's own records move
    /// the cursors but are neither folded nor returned. A hole or a wrong order is a fault.
    pub fn apply(&self, records: &[Record]) -> Result<Vec<Placed<F>>, Fault> {
        let mut last_count = self.last_count.lock();
        let mut folded = Vec::with_capacity(records.len());
        for group in records.chunks(GROUP_RECORDS) {
            self.apply_group(group, &mut last_count, &mut folded)?;
        }
        Ok(folded)
    }

    fn apply_group(
        &self,
        records: &[Record],
        last_count: &mut Option<u64>,
        folded: &mut Vec<Placed<F>>,
    ) -> Result<(), Fault> {
        let mut reached = self.position();
        let mut count = *last_count;
        let start = records.partition_point(|record| record.header.position <= reached);
        let records = records.get(start..).unwrap_or_default();
        if records.is_empty() {
            return Ok(());
        }
        let snapshot = self.store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        for record in records {
            let position = record.header.position;
            let in_order = position > reached && count.is_none_or(|count| record.header.count == count + 1);
            if !in_order {
                let context = format!("record {position} does not follow the one folded before it, {reached}");
                return Err(Fault::new(context));
            }
            (reached, count) = (position, Some(record.header.count));
            if record.header.kind.starts_with(LOG_KIND_PREFIX) {
                continue;
            }
            let placed = self.place(record)?;
            self.fold_one(&mut batch, &placed)?;
            folded.push(placed);
        }
        let (key, value) = cursor::reached_row(reached);
        batch.put(key, value);
        let writes = batch.into_writes();
        // A snapshot that outlives the commit would make the store keep both versions of every row.
        drop(snapshot);
        self.store.commit(&writes)?;
        *last_count = count;
        self.progress.reach(reached);
        Ok(())
    }

    fn place(&self, record: &Record) -> Result<Placed<F>, Fault> {
        let header = &record.header;
        let fact = match &record.payload {
            Payload::Present(_) => self
                .decode
                .decode(record)
                .map_err(|fault| fault.within(format!("record {} does not decode", header.position)))?,
            Payload::Erased | Payload::Withheld => None,
        };
        Ok(Placed {
            position: header.position,
            at_ms: header.at_ms,
            stream: header.stream.clone(),
            kind: header.kind.clone(),
            fact,
        })
    }

    fn fold_one(&self, batch: &mut Batch<'_>, placed: &Placed<F>) -> Result<(), Fault> {
        for running in &self.folds {
            if placed.position > running.ahead {
                running.fold.fold(batch, placed).map_err(|fault| {
                    let (name, position) = (running.fold.name(), placed.position);
                    fault.within(format!("view {name} failed at position {position}"))
                })?;
            }
        }
        Ok(())
    }
}

fn check_distinct<F: 'static>(folds: &[Box<dyn Fold<F>>]) -> Result<(), Fault> {
    let (mut names, mut views) = (BTreeSet::new(), BTreeSet::new());
    for fold in folds {
        if !names.insert(fold.name()) {
            return Err(Fault::new(format!("two views are called {}", fold.name())));
        }
        if !(1..=254).contains(&fold.view()) || !views.insert(fold.view()) {
            let (name, view) = (fold.name(), fold.view());
            return Err(Fault::new(format!("view {name} may not have byte {view}: taken or out of range")));
        }
    }
    Ok(())
}

/// Makes the store's cursors those of `folds`, wiping what has no valid cursor. A crash in between is harmless: the
/// old cursors are replaced last, so the next start wipes again.
fn settle_cursors<F: 'static>(store: &dyn RowStore, folds: &[Box<dyn Fold<F>>]) -> Result<BTreeMap<String, Cursor>, Fault> {
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
