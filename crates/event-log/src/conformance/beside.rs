//! What a second handle on records must do while the first one appends, and what followers on both give.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::check::{Outcome, ensure, said, same};
use crate::appender::Appender;
use crate::chain::Prepared;
use crate::clock::SystemClock;
use crate::follower::Follower;
use crate::key::LogKey;
use crate::payload::{Payload, SystemSalts};
use crate::reader::Reader;
use crate::record::{Class, Draft, MAX_BATCH_RECORDS, Position, Record};
use crate::store::{RecordStore, Stores};

/// Opens another handle on the same records, as another process would, while the first one is in use.
pub type OpenBeside = Box<dyn Fn() -> Arc<dyn RecordStore>>;

type Check = (&'static str, fn(Stores, &OpenBeside) -> Outcome);

pub(super) const CHECKS: [Check; 3] = [
    ("followers get every record once, in order, in whole units", follow),
    ("a follower waits for what is appended, and no longer than it was told to", wait),
    ("what is erased is gone for a reader beside", erase),
];

/// Units that one check appends.
const UNITS: usize = 200;
/// Longer than any append takes.
const LONG: Duration = Duration::from_secs(20);

fn opened(stores: Stores) -> Result<Appender, String> {
    let opened = Appender::open(stores, LogKey::from_seed(&[1; 32]), "conformance.example", Arc::new(SystemClock));
    opened.map(|(log, _)| log).map_err(said)
}

fn append(log: &Appender, records: usize, erase: Vec<Position>) -> Result<Vec<Record>, String> {
    let draft = |number: usize| Draft {
        stream: format!("room:{}", number % 2),
        kind: "test.made".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: format!("payload {number}").into_bytes(),
    };
    let unit = Prepared::own((0..records).map(draft).collect(), erase, &SystemSalts).map_err(said)?;
    log.append(vec![unit]).map_err(said)
}

/// Reads on until `records` have come.
fn take(mut follower: Follower, records: usize) -> Result<Vec<Record>, String> {
    let mut taken = Vec::new();
    while taken.len() < records {
        let page = follower.next_page(MAX_BATCH_RECORDS, LONG).map_err(said)?;
        let last = page.last().ok_or_else(|| format!("nothing came after {} of {records} records", taken.len()))?;
        same(&last.header.rest, &0)?;
        taken.extend(page);
    }
    Ok(taken)
}

fn follow(stores: Stores, open: &OpenBeside) -> Outcome {
    let log = opened(stores)?;
    let beside = Reader::open(open()).map_err(said)?;
    let total = 1 + (0..UNITS).map(|unit| 1 + unit % 3).sum::<usize>();
    let (own, beside) = (log.reader().follow(Position(1)), beside.follow(Position(1)));
    let (own, beside) = std::thread::scope(|scope| {
        let own = scope.spawn(move || take(own, total));
        let beside = scope.spawn(move || take(beside, total));
        for unit in 0..UNITS {
            append(&log, 1 + unit % 3, Vec::new())?;
        }
        let joined = |taken: Result<_, _>| taken.unwrap_or_else(|_| Err("a follower has panicked".to_owned()));
        Ok::<_, String>((joined(own.join())?, joined(beside.join())?))
    })?;
    let all = log.reader().read(Position(1), usize::MAX).map_err(said)?;
    same(&all.len(), &total)?;
    same(&own, &all)?;
    same(&beside, &all)
}

fn wait(stores: Stores, open: &OpenBeside) -> Outcome {
    let log = opened(stores)?;
    let beside = Reader::open(open()).map_err(said)?;
    for mut follower in [log.reader().follow(Position(2)), beside.follow(Position(2))] {
        let (began, short) = (Instant::now(), Duration::from_millis(120));
        same(&follower.next_page(10, short), &Ok(Vec::new()))?;
        ensure(began.elapsed() >= short, "it did not wait")?;
        same(&follower.next_page(10, Duration::ZERO), &Ok(Vec::new()))?;
    }
    let written = append(&log, 3, Vec::new())?;
    for mut follower in [log.reader().follow(Position(2)), beside.follow(Position(2))] {
        same(&follower.next_page(2, LONG), &Ok(written[..2].to_vec()))?;
        same(&follower.next_page(2, LONG), &Ok(written[2..].to_vec()))?;
    }
    Ok(())
}

fn erase(stores: Stores, open: &OpenBeside) -> Outcome {
    let log = opened(stores)?;
    append(&log, 2, Vec::new())?;
    let beside = Reader::open(open()).map_err(said)?;
    let head = beside.head();
    append(&log, 1, vec![Position(2)])?;
    let news = beside.follow(head.next()).next_page(10, LONG).map_err(said)?;
    same(&news.len(), &1)?;
    let payload = |position| beside.get(position).map(|record| record.map(|record| record.payload)).map_err(said);
    same(&payload(Position(2))?, &Some(Payload::Erased))?;
    ensure(matches!(payload(Position(3))?, Some(Payload::Present(_))), "a payload that was not erased is missing")?;
    let rooms = beside.pages(Position(1)).of_stream("room:0").sized(1).collect::<Result<Vec<_>, _>>().map_err(said)?;
    let positions: Vec<_> = rooms.concat().iter().map(Record::position).collect();
    same(&positions, &vec![Position(2), Position(4)])
}
