//! `hearth log stat`: how much of what is in the log.

use std::collections::BTreeMap;

use anyhow::Result;
use event_log::{Payload, Position, verifier_key};

use super::{progress::Bar, unreadable::Unreadable};
use crate::{cli::Data, console::say, data_folder::DataFolder};

#[derive(Default)]
struct Sum {
    records: u64,
    payload_bytes: u64,
    erased: u64,
}

pub(crate) fn run(args: &Data) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let tree = DataFolder::new(&args.data).open_log_to_read(scratch.path())?;
    let log = tree.reader();
    let (mut by_kind, mut by_stream) = (BTreeMap::<String, Sum>::new(), BTreeMap::<String, Sum>::new());
    let (mut first_ms, mut last_ms) = (None, 0);
    let mut unreadable = Unreadable::default();
    let bar = Bar::new("reading");
    bar.total(log.head().0);
    for page in log.pages(Position::ZERO.next()) {
        for record in &page? {
            bar.reached(record.position().0);
            let header = &record.header;
            unreadable.look_at(record);
            first_ms.get_or_insert(header.at_ms);
            last_ms = header.at_ms;
            // Of the streams, people want to know what sort they are; a line for every room would be no statistic.
            let sort = header.stream.split(':').next().unwrap_or_default().to_owned();
            for sum in [by_kind.entry(header.kind.clone()).or_default(), by_stream.entry(sort).or_default()] {
                sum.records += 1;
                sum.payload_bytes += record.bytes().map_or(0, |bytes| bytes.len() as u64);
                sum.erased += u64::from(record.payload == Payload::Erased);
            }
        }
    }
    drop(bar);
    say(&format!("head {}  origin {}", log.head(), log.origin()))?;
    say(&format!("verifier key {}", verifier_key(log.origin(), &tree.public_key())))?;
    let seconds = last_ms.saturating_sub(first_ms.unwrap_or(last_ms)) / 1_000;
    say(&format!("{} records in {seconds} s from the first to the last", log.tip().count))?;
    table("kind", &by_kind)?;
    table("streams", &by_stream)?;
    unreadable.lines().iter().try_for_each(|line| say(line))
}

fn table(title: &str, sums: &BTreeMap<String, Sum>) -> Result<()> {
    say(&format!("\n{title:<28} {:>10} {:>14} {:>8}", "records", "payload bytes", "erased"))?;
    for (name, sum) in sums {
        say(&format!("{name:<28} {:>10} {:>14} {:>8}", sum.records, sum.payload_bytes, sum.erased))?;
    }
    Ok(())
}
