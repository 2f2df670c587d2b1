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

/// Starts a new epoch of one-time keys for everybody who has uploaded any, and says for how many people.
pub(in crate::command) fn start(log: Appender) -> Result<usize> {
    let people = people(log.reader())?;
    let (tell, told) = mpsc::channel();
    let writer = Writer::spawn(log, QUEUE_UNITS, move |outcome| {
        if let Outcome::Failed { error, .. } = outcome {
            let _nobody_listens = tell.send(error);
        }
    })?;
    let drafts = people.iter().map(|stream| draft(stream)).collect::<Result<Vec<_>>>()?;
    for unit in drafts.chunks(UNIT_RECORDS) {
        writer.submit(Unit::of(unit.to_vec()), ()).map_err(|rejected| anyhow!("{rejected}"))?;
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

fn draft(stream: &str) -> Result<Draft> {
    let Stream::User(user_id) = stream.parse()? else { return Err(anyhow!("one-time keys in the stream {stream}")) };
    let encoded = Fact::KeyEpochStarted(EpochStarted { user_id }).encode()?;
    ensure!(!encoded.secret, "the start of an epoch is no secret");
    Ok(Draft {
        stream: stream.to_owned(),
        kind: encoded.kind.to_owned(),
        kind_version: encoded.version,
        class: Class::Plain,
        payload: encoded.payload,
    })
}
