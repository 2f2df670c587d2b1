//! Drives the folds: catching up from the log at start, then group by group as records are appended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use event_log::{LOG_KIND_PREFIX, Log, Payload, Position, Record};
use parking_lot::Mutex;

use crate::cursor::{self, Cursor, Footing};
use crate::parked::Parked;
use crate::range::successor;
use crate::{Batch, Decode, Decoded, Fault, Fold, Placed, Progress, Remedy, RowStore, StreamSnapshot, Writes};

/// The most records that are folded into one commit.
pub const GROUP_RECORDS: usize = 1_000;

/// Groups that are read and decoded ahead of the one being folded, at most.
const GROUPS_AHEAD: usize = 2;

/// Folds records into rows. The only writer of its store.
pub struct Runner<F: 'static> {
    store: Arc<dyn RowStore>,
    folds: Vec<Running<F>>,
    decode: Box<dyn Decode<F>>,
    progress: Arc<Progress>,
    /// The position that the view furthest on had reached when the runner started.
    furthest: Position,
    /// The dense count of the last record folded since the start. Held while folding: groups never overlap.
    last_count: Mutex<Option<u64>>,
}

struct Running<F: 'static> {
    fold: Box<dyn Fold<F>>,
    /// The position this view had reached when the runner started; the group may be behind it for a while.
    ahead: Position,
}

/// Decoded records that follow each other.
struct Group<F> {
    first: Position,
    last: Footing,
    /// The dense counts of the first and the last record.
    counts: (u64, u64),
    placed: Vec<Placed<F>>,
    /// Those of the records that do not read.
    parked: Vec<Parked>,
}

impl<F: Send + 'static> Runner<F> {
    /// Reads the cursors of `store` and wipes the rows of every view that is new, gone, or of another version;
    /// those start from zero at the next [`Runner::catch_up`]. Two folds of one name or one view byte are a fault.
    pub fn new(store: Arc<dyn RowStore>, folds: Vec<Box<dyn Fold<F>>>, decode: Box<dyn Decode<F>>) -> Result<Self, Fault> {
        check_distinct(&folds)?;
        let cursors = settle_cursors(&*store, &folds)?;
        let reached = cursor::slowest(cursors.values());
        let furthest = cursors.values().map(|cursor| cursor.position).max().unwrap_or(Position::ZERO);
        let folds = folds
            .into_iter()
            .map(|fold| Running { ahead: cursors.get(fold.name()).map_or(Position::ZERO, |cursor| cursor.position), fold })
            .collect();
        let progress = Arc::new(Progress::new(reached));
        Ok(Self { store, folds, decode, progress, furthest, last_count: Mutex::new(None) })
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
    /// after each. Reading and decoding run ahead on a thread of their own. After a fault it may be called again and
    /// goes on where the last commit ended.
    pub fn catch_up(&self, log: &Log, progress: &mut dyn FnMut(Position)) -> Result<(), Fault> {
        self.catch_up_while(log, &mut |position| {
            progress(position);
            true
        })
    }

    /// As [`Runner::catch_up`], but stops with a fault when `goes_on`, which is called after each commit, says no. What was
    /// committed stays.
    pub fn catch_up_while(&self, log: &Log, goes_on: &mut dyn FnMut(Position) -> bool) -> Result<(), Fault> {
        let (sender, groups) = sync_channel(GROUPS_AHEAD);
        std::thread::scope(|scope| {
            let from = self.position().next();
            let reader = std::thread::Builder::new()
                .name("views-reader".to_owned())
                .spawn_scoped(scope, move || self.read_groups(log, from, &sender))
                .map_err(|error| Fault::caused("no thread to read the log with", error).with_remedy(Remedy::Reopen))?;
            // Taken by value, so that a fault drops the receiver and the reader stops.
            for group in groups {
                self.fold_group(&mut self.last_count.lock(), group?)?;
                if !goes_on(self.position()) {
                    return Err(Fault::new("catching up was stopped"));
                }
            }
            reader.join().map_err(|_| Fault::new("the thread that reads the log has panicked"))
        })
    }

    /// Sends the log's groups from `from` to its end, or up to the first fault, or until nobody receives them.
    fn read_groups(&self, log: &Log, mut from: Position, groups: &SyncSender<Result<Group<F>, Fault>>) {
        loop {
            let group = log
                .read(from, GROUP_RECORDS)
                .map_err(|fault| Fault::of_log(from, fault))
                .and_then(|records| self.place_group(&records));
            let group = match group {
                Ok(None) => return,
                Ok(Some(group)) => {
                    from = group.last.position.next();
                    Ok(group)
                }
                Err(fault) => Err(fault),
            };
            let failed = group.is_err();
            if groups.send(group).is_err() || failed {
                return;
            }
        }
    }

    /// Folds records that follow the ones folded so far, commits them, and returns what was folded so that the caller
    /// can wake those whom it touches. Records that were folded before are passed over. The log's own records move
    /// the cursors but are neither folded nor returned. A hole or a wrong order is a fault.
    pub fn apply(&self, records: &[Record]) -> Result<Vec<Placed<F>>, Fault> {
        let mut last_count = self.last_count.lock();
        let reached = self.position();
        let start = records.partition_point(|record| record.header.position <= reached);
        let mut folded = Vec::with_capacity(records.len());
        for records in records.get(start..).unwrap_or_default().chunks(GROUP_RECORDS) {
            if let Some(group) = self.place_group(records)? {
                folded.extend(self.fold_group(&mut last_count, group)?);
            }
        }
        Ok(folded)
    }

    /// Decodes records and checks that they follow each other; `None` when there are none.
    fn place_group(&self, records: &[Record]) -> Result<Option<Group<F>>, Fault> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(None) };
        for (before, after) in records.iter().zip(records.iter().skip(1)) {
            let follows = after.header.count == before.header.count + 1 && after.position() > before.position();
            if !follows {
                return Err(not_in_order(after.position(), before.position()));
            }
        }
        let facts = records.iter().filter(|record| !record.header.kind.starts_with(LOG_KIND_PREFIX));
        let mut parked = Vec::new();
        let placed = facts.map(|record| self.place(record, &mut parked)).collect::<Result<_, _>>()?;
        let counts = (first.header.count, last.header.count);
        let last = Footing { position: last.position(), hash: last.header.hash() };
        Ok(Some(Group { first: first.position(), last, counts, placed, parked }))
    }

    fn fold_group(&self, last_count: &mut Option<u64>, mut group: Group<F>) -> Result<Vec<Placed<F>>, Fault> {
        let reached = self.position();
        if last_count.is_some_and(|count| group.counts.0 > count + 1) {
            return Err(not_in_order(group.first, reached));
        }
        if group.last.position <= reached {
            return Ok(Vec::new());
        }
        group.placed.retain(|placed| placed.position > reached);
        let snapshot = self.store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        for placed in &group.placed {
            self.fold_one(&mut batch, placed)?;
        }
        let mut writes = batch.into_writes();
        self.put_cursors(&mut writes, &group)?;
        // A snapshot that outlives the commit would make the store keep both versions of every row.
        drop(snapshot);
        self.store.commit(&writes)?;
        *last_count = Some(group.counts.1);
        self.progress.reach(group.last.position);
        Ok(group.placed)
    }

    /// Adds what says how far the group brings the views.
    fn put_cursors(&self, writes: &mut Writes, group: &Group<F>) -> Result<(), Fault> {
        let reached = cursor::reached_row(group.last.position);
        let footing = (group.last.position >= self.furthest).then(|| group.last.row());
        let parked = group.parked.iter().map(Parked::row).collect::<Result<Vec<_>, _>>()?;
        writes.extend([reached].into_iter().chain(footing).chain(parked).map(|(key, value)| (key, Some(value))));
        Ok(())
    }

    fn place(&self, record: &Record, parked: &mut Vec<Parked>) -> Result<Placed<F>, Fault> {
        let header = &record.header;
        let fact = match &record.payload {
            Payload::Present(_) => match self.decode.decode(record)? {
                Decoded::Fact(fact) => Some(fact),
                Decoded::Unreadable(reason) => {
                    parked.push(Parked::new(record, reason));
                    None
                }
            },
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
        if placed.fact.as_ref().is_some_and(|fact| self.decode.outdates_snapshot(fact)) {
            batch.delete(StreamSnapshot::key(&placed.stream));
        }
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

fn not_in_order(position: Position, before: Position) -> Fault {
    Fault::new(format!("record {position} does not follow the one folded before it, {before}"))
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
