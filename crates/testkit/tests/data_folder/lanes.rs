//! What the lanes' states of a golden log are, and that a snapshot anywhere in it leads to the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use domain::{
    Aggregate, Fact, Stream, backup::BackupState, directory::DirectoryState, outbox::OutboxState, room::RoomState,
    user::UserState,
};
use projection::{MemoryRows, RowStore, Writes};

use crate::digests;

type Streams = BTreeMap<String, Vec<Fact>>;

/// A line for each kind of lane, also for one that the log has no stream of.
pub(crate) fn digests(facts: Vec<(String, Fact)>) -> Result<String> {
    let mut streams = Streams::new();
    for (stream, fact) in facts {
        streams.entry(stream).or_default().push(fact);
    }
    Ok([
        line::<RoomState>("rooms", &streams, |stream| matches!(stream, Stream::Room(_)))?,
        line::<UserState>("users", &streams, |stream| matches!(stream, Stream::User(_)))?,
        line::<BackupState>("backups", &streams, |stream| matches!(stream, Stream::Backup(_)))?,
        line::<DirectoryState>("directory", &streams, |stream| matches!(stream, Stream::Directory))?,
        line::<OutboxState>("outbox", &streams, |stream| matches!(stream, Stream::Outbox))?,
    ]
    .concat())
}

fn line<A: Aggregate>(name: &str, streams: &Streams, is_of_kind: fn(&Stream) -> bool) -> Result<String> {
    let mut states = Writes::new();
    for (stream, facts) in streams {
        if is_of_kind(&stream.parse()?) {
            let state = state_of::<A>(facts).with_context(|| stream.clone())?;
            // As a row of a view, so that the digest is made as theirs are.
            states.insert([&[1], stream.as_bytes()].concat(), Some(state));
        }
    }
    let rows = MemoryRows::new();
    rows.commit(&states)?;
    digests::line(name, A::SNAPSHOT_VERSION, &*rows.snapshot())
}

/// The JSON of the state that `facts` lead to. Each state on the way is written and read, and must lead there as well.
fn state_of<A: Aggregate>(facts: &[Fact]) -> Result<Vec<u8>> {
    let folded = |mut state: A, facts: &[Fact]| {
        facts.iter().for_each(|fact| state.evolve(fact));
        state
    };
    let json = serde_json::to_vec(&folded(A::default(), facts))?;
    for cut in 0..=facts.len() {
        let snapshot = serde_json::to_vec(&folded(A::default(), &facts[..cut]))?;
        let restored: A = serde_json::from_slice(&snapshot).with_context(|| format!("the snapshot after {cut} facts"))?;
        let state = serde_json::to_vec(&folded(restored, &facts[cut..]))?;
        ensure!(state == json, "a snapshot after {cut} facts leads to another state");
    }
    Ok(json)
}
