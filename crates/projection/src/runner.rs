//! Drives the folds: catching up from the log at start, then group by group as records are appended.

use std::iter::Peekable;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::vec;

use event_log::{LOG_KIND_PREFIX, Payload, Position, Reader, Record};
use parking_lot::Mutex;

use crate::cursor::{self, Footing};
use crate::parked::Parked;
use crate::settle::{check_distinct, settle_cursors};
use crate::{
    Batch, Decode, Decoded, Fold, Place, Placed, Progress, Remedy, RowStore, StreamSnapshot, Touched, ViewFault, Writes,
};

/// The most records that are folded into one commit.
pub const GROUP_RECORDS: usize = 1_000;

/// Groups that are read and decoded ahead of the one being folded, at most.
const GROUPS_AHEAD: usize = 2;

/// Folds records into rows. The only writer of its store. `F` and `S` are those of [`Fold`].
pub struct Runner<F: 'static, S: 'static> {
    store: Arc<dyn RowStore>,
    folds: Vec<Running<F, S>>,
    decode: Box<dyn Decode<F>>,
    progress: Arc<Progress>,
    /// The position that the view furthest on had reached when the runner started.
    furthest: Position,
    /// The dense count of the last record folded since the start. Held while folding: groups never overlap.
    last_count: Mutex<Option<u64>>,
}

struct Running<F: 'static, S: 'static> {
    fold: Box<dyn Fold<F, S>>,
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

/// Facts that need not be decoded any more, with the positions of their records, in order.
type Known<F> = Peekable<vec::IntoIter<(Position, F)>>;

/// What was applied.
#[derive(Debug)]
pub struct Applied<F, S> {
    /// The records that were folded, the log's own left out.
    pub placed: Vec<Placed<F>>,
    /// Whose answers are others now.
    pub touched: Touched<S>,
}

impl<F: Send + 'static, S: Ord + 'static> Runner<F, S> {
    /// Reads the cursors of `store` and wipes the rows of every view that is new, gone, or of another version;
    /// those start from zero at the next [`Runner::catch_up`]. Two folds of one name or one view byte are a fault.
    pub fn new(
        store: Arc<dyn RowStore>,
        folds: Vec<Box<dyn Fold<F, S>>>,
        decode: Box<dyn Decode<F>>,
    ) -> Result<Self, ViewFault> {
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
    pub fn catch_up(&self, log: &Reader, progress: &mut dyn FnMut(Position)) -> Result<(), ViewFault> {
        self.catch_up_while(log, &mut |position| {
            progress(position);
            true
        })
    }

    /// As [`Runner::catch_up`], but stops with a fault when `goes_on`, which is called after each commit, says no. What was
    /// committed stays.
    pub fn catch_up_while(&self, log: &Reader, goes_on: &mut dyn FnMut(Position) -> bool) -> Result<(), ViewFault> {
        let (sender, groups) = sync_channel(GROUPS_AHEAD);
        std::thread::scope(|scope| {
            let from = self.position().next();
            let reader = std::thread::Builder::new()
                .name("views-reader".to_owned())
                .spawn_scoped(scope, move || self.read_groups(log, from, &sender))
                .map_err(|error| ViewFault::caused("no thread to read the log with", error).with_remedy(Remedy::Reopen))?;
            // Taken by value, so that a fault drops the receiver and the reader stops.
            for group in groups {
                self.fold_group(&mut self.last_count.lock(), &mut Touched::ignoring(), group?)?;
                if !goes_on(self.position()) {
                    return Err(ViewFault::new("catching up was stopped"));
                }
            }
            reader.join().map_err(|_| ViewFault::new("the thread that reads the log has panicked"))
        })
    }

    /// Sends the log's groups from `from` to its end, or up to the first fault, or until nobody receives them.
    fn read_groups(&self, log: &Reader, from: Position, groups: &SyncSender<Result<Group<F>, ViewFault>>) {
        let mut next = from;
        for page in log.pages(from).sized(GROUP_RECORDS) {
            let page = page.map_err(|fault| ViewFault::of_log(next, fault));
            let mut known = Vec::new().into_iter().peekable();
            let Some(group) = page.and_then(|records| self.place_group(&records, &mut known)).transpose() else { return };
            if let Ok(group) = &group {
                next = group.last.position.next();
            }
            let failed = group.is_err();
            if groups.send(group).is_err() || failed {
                return;
            }
        }
    }

    /// Folds records that follow the ones folded so far, commits them, and returns what was folded and whose answers that
    /// changes, so that the caller can wake them. Records that were folded before are passed over. The log's own records
    /// move the cursors but are neither folded nor returned. A hole or a wrong order is a fault.
    pub fn apply(&self, records: &[Record]) -> Result<Applied<F, S>, ViewFault> {
        self.apply_decoded(records, Vec::new())
    }

    /// As [`Runner::apply`], with facts that were decoded before, from the very payloads of the records at these positions, in
    /// order. The others are decoded here.
    pub fn apply_decoded(&self, records: &[Record], known: Vec<(Position, F)>) -> Result<Applied<F, S>, ViewFault> {
        let mut known = known.into_iter().peekable();
        let mut last_count = self.last_count.lock();
        let reached = self.position();
        let start = records.partition_point(|record| record.header.position <= reached);
        let mut applied = Applied { placed: Vec::with_capacity(records.len()), touched: Touched::collecting() };
        for records in records.get(start..).unwrap_or_default().chunks(GROUP_RECORDS) {
            if let Some(group) = self.place_group(records, &mut known)? {
                applied.placed.extend(self.fold_group(&mut last_count, &mut applied.touched, group)?);
            }
        }
        Ok(applied)
    }

    /// Decodes records and checks that they follow each other; `None` when there are none.
    fn place_group(&self, records: &[Record], known: &mut Known<F>) -> Result<Option<Group<F>>, ViewFault> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(None) };
        for (before, after) in records.iter().zip(records.iter().skip(1)) {
            let follows = after.header.count == before.header.count + 1 && after.position() > before.position();
            if !follows {
                return Err(not_in_order(after.position(), before.position()));
            }
        }
        let facts = records.iter().filter(|record| !record.header.kind.starts_with(LOG_KIND_PREFIX));
        let mut parked = Vec::new();
        let placed = facts.map(|record| self.place(record, known, &mut parked)).collect::<Result<_, _>>()?;
        let counts = (first.header.count, last.header.count);
        let last = Footing { position: last.position(), hash: last.header.hash() };
        Ok(Some(Group { first: first.position(), last, counts, placed, parked }))
    }

    fn fold_group(
        &self,
        last_count: &mut Option<u64>,
        touched: &mut Touched<S>,
        mut group: Group<F>,
    ) -> Result<Vec<Placed<F>>, ViewFault> {
        let reached = self.position();
        if last_count.is_some_and(|count| group.counts.0 > count + 1) {
            return Err(not_in_order(group.first, reached));
        }
        if group.last.position <= reached {
            return Ok(Vec::new());
        }
        group.placed.retain(|placed| placed.place.position > reached);
        let snapshot = self.store.snapshot();
        let mut batch = Batch::new(&*snapshot);
        for Placed { place, fact } in &group.placed {
            if let Some(fact) = fact {
                self.fold_one(&mut batch, touched, fact, place)?;
            }
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
    fn put_cursors(&self, writes: &mut Writes, group: &Group<F>) -> Result<(), ViewFault> {
        let reached = cursor::reached_row(group.last.position);
        let footing = (group.last.position >= self.furthest).then(|| group.last.row());
        let parked = group.parked.iter().map(Parked::row).collect::<Result<Vec<_>, _>>()?;
        writes.extend([reached].into_iter().chain(footing).chain(parked).map(|(key, value)| (key, Some(value))));
        Ok(())
    }

    fn place(&self, record: &Record, known: &mut Known<F>, parked: &mut Vec<Parked>) -> Result<Placed<F>, ViewFault> {
        let header = &record.header;
        while known.next_if(|(position, _)| *position < header.position).is_some() {}
        let known = known.next_if(|(position, _)| *position == header.position);
        let decoded = || known.map_or_else(|| self.decode.decode(record), |(_, fact)| Ok(Decoded::Fact(fact)));
        let fact = match &record.payload {
            Payload::Present(_) => match decoded()? {
                Decoded::Fact(fact) => Some(fact),
                Decoded::Unreadable(reason) => {
                    parked.push(Parked::new(record, reason));
                    None
                }
            },
            Payload::Erased | Payload::Withheld => None,
        };
        let place = Place {
            position: header.position,
            at_ms: header.at_ms,
            stream: header.stream.clone(),
            kind: header.kind.clone(),
        };
        Ok(Placed { place, fact })
    }

    fn fold_one(&self, batch: &mut Batch<'_>, touched: &mut Touched<S>, fact: &F, place: &Place) -> Result<(), ViewFault> {
        if self.decode.outdates_snapshot(fact) {
            batch.delete(StreamSnapshot::key(&place.stream));
        }
        touched.go_to(place.position);
        for running in self.folds.iter().filter(|running| place.position > running.ahead) {
            running.fold.fold(batch, touched, fact, place).map_err(|fault| {
                let (name, position) = (running.fold.name(), place.position);
                fault.within(format!("view {name} failed at position {position}"))
            })?;
        }
        Ok(())
    }
}

fn not_in_order(position: Position, before: Position) -> ViewFault {
    ViewFault::new(format!("record {position} does not follow the one folded before it, {before}"))
}
