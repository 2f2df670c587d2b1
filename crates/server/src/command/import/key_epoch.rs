//! Drops every one-time key after an import: the export may be older than the last claims, and a key that was given out
//! after it must not be given out again. Clients are told of the count 0 and upload new ones.

use std::{collections::BTreeSet, sync::mpsc};

use anyhow::{Result, anyhow, ensure};
use domain::{Fact, Stream, user::keys::EpochStarted};
use event_log::{Appender, Class, Draft, Outcome, Position, Reader, Unit, Writer};

/// The records that bring one-time keys.
const UPLOADED: &str = "keys.one_time_uploaded";
/// Records in one unit, and units that may wait.
const UNIT_RECORDS: usize = 500;
const QUEUE_UNITS: usize = 10_000;

/// Starts a new epoch of one-time keys for everybody who has uploaded any, and says for how many people. `before` is recorded first, each
/// list of facts as one.
pub(in crate::command) fn start(log: Appender, before: Vec<Vec<(Stream, Fact)>>) -> Result<usize> {
    let people = people(log.reader())?;
    let (tell, told) = mpsc::channel();
    let writer = Writer::spawn(log, QUEUE_UNITS, move |outcome| {
        if let Outcome::Failed { error, .. } = outcome {
            let _nobody_listens = tell.send(error);
        }
    })?;
    let drafts = people.iter().map(|stream| started(stream)).collect::<Result<Vec<_>>>()?;
    let before = before.iter().map(|facts| facts.iter().map(|(stream, fact)| draft(&stream.to_string(), fact)).collect());
    let before = before.collect::<Result<Vec<Vec<Draft>>>>()?;
    for unit in before.into_iter().chain(drafts.chunks(UNIT_RECORDS).map(<[Draft]>::to_vec)) {
        writer.submit(Unit::of(unit), ()).map_err(|rejected| anyhow!("{rejected}"))?;
    }
    writer.close();
    if let Ok(error) = told.try_recv() {
        return Err(error.into());
    }
    Ok(people.len())
}

/// The streams of all who have ever uploaded one-time keys.
fn people(log: &Reader) -> Result<BTreeSet<String>> {
    let mut people = BTreeSet::new();
    for page in log.pages(Position(1)) {
        let uploads = page?.into_iter().filter(|record| record.header.kind == UPLOADED);
        people.extend(uploads.map(|record| record.header.stream));
    }
    Ok(people)
}

fn started(stream: &str) -> Result<Draft> {
    let Stream::User(user_id) = stream.parse()? else { return Err(anyhow!("one-time keys in the stream {stream}")) };
    draft(stream, &Fact::KeyEpochStarted(EpochStarted { user_id }))
}

fn draft(stream: &str, fact: &Fact) -> Result<Draft> {
    let encoded = fact.encode()?;
    ensure!(!encoded.secret, "what is recorded here is no secret");
    Ok(Draft {
        stream: stream.to_owned(),
        kind: encoded.kind.to_owned(),
        kind_version: encoded.version,
        class: Class::Plain,
        payload: encoded.payload,
    })
}
