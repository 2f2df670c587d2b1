//! The log as a whole. Moments never fall along it and its records are counted, so that a day's records are found by halving: some reads
//! for each day, however long the log is.

use api::{Day, LogStanding, RECORDS_TOLD_MAX, ToldCheckpoint, ToldRecord};
use event_log::{Checkpoint, LogFault, Position, Reader, TreeKeeper, verifier_key};

/// Days of which it is told how many records there are, today among them.
const DAYS: u64 = 30;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// What there is to say of it at `now_ms`.
pub(super) fn standing(tree: &TreeKeeper, now_ms: u64) -> Result<LogStanding, LogFault> {
    let log = tree.reader();
    let (key, tip) = (tree.public_key(), log.tip());
    let checkpoint = tree.last_checkpoint()?.and_then(|stored| {
        let read = Checkpoint::open(&stored.note, log.origin(), &key).ok()?;
        Some(ToldCheckpoint { at_ms: read.at_ms, records: read.size })
    });
    Ok(LogStanding {
        origin: log.origin().to_owned(),
        verifier_key: verifier_key(log.origin(), &key),
        records: tip.count,
        head: tip.position.0,
        checkpoint,
        by_day: by_day(log, now_ms)?,
    })
}

/// The records of the last days, today last. Those of before the log began have none.
fn by_day(log: &Reader, now_ms: u64) -> Result<Vec<Day>, LogFault> {
    let tip = log.tip();
    let today = now_ms - now_ms % DAY_MS;
    let oldest = today.saturating_sub((DAYS - 1) * DAY_MS);
    let (mut from, mut counted) = before(log, oldest, Position::ZERO.next(), tip.position)?;
    let mut days = Vec::new();
    for ago in (0..DAYS).rev() {
        let begins_at_ms = today.saturating_sub(ago * DAY_MS);
        let (next, until) = before(log, begins_at_ms.saturating_add(DAY_MS), from, tip.position)?;
        // What is appended meanwhile is counted the next time.
        let until = until.min(tip.count);
        days.push(Day { begins_at_ms, records: until.saturating_sub(counted) });
        (from, counted) = (next, until.max(counted));
    }
    Ok(days)
}

/// Where the first record stands that was written at `at_ms` or later, looked for from `low` to `high`, and how many are before it. If
/// there is none, behind the last one.
fn before(log: &Reader, at_ms: u64, low: Position, high: Position) -> Result<(Position, u64), LogFault> {
    let (mut low, mut high) = (low.0, high.0.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        match log.read(Position(middle), 1)?.first().map(|record| &record.header) {
            Some(header) if header.at_ms < at_ms => low = header.position.0.saturating_add(1),
            _ => high = middle,
        }
    }
    let found = log.read(Position(low), 1)?;
    let count = found.first().map_or_else(|| log.tip().count, |record| record.header.count.saturating_sub(1));
    Ok((Position(low), count))
}

/// The newest records behind `after`, oldest first.
pub(super) fn newest(log: &Reader, after: Option<u64>) -> Result<Vec<ToldRecord>, LogFault> {
    let most = RECORDS_TOLD_MAX as u64;
    let oldest = log.head().0.saturating_sub(most - 1).max(1);
    let from = after.map_or(oldest, |after| after.saturating_add(1).max(oldest));
    let records = log.read(Position(from), RECORDS_TOLD_MAX)?.into_iter().map(|record| ToldRecord {
        position: record.header.position.0,
        at_ms: record.header.at_ms,
        kind: record.header.kind,
    });
    Ok(records.collect())
}

#[cfg(test)]
mod tests;
