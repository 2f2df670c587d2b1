//! Between facts and the log's records.

use domain::{Fact, Stream};
use event_log::{Class, Draft, Erasure, Position, Record, Unit};
use projection::{Decode, Fault};

/// Reads facts from records for the views.
#[derive(Clone, Copy, Debug, Default)]
pub struct FactDecoder;

impl Decode<Fact> for FactDecoder {
    fn decode(&self, record: &Record) -> Result<Option<Fact>, Fault> {
        let Some(payload) = record.bytes() else { return Ok(None) };
        let header = &record.header;
        Fact::decode(&header.kind, header.kind_version, payload)
            .map(Some)
            .map_err(|error| Fault::caused(format!("record {} does not read", header.position), error))
    }
}

/// The unit that records `facts`, all or none, and erases the payloads that they make forgettable.
pub(crate) fn unit(facts: &[(Stream, Fact)]) -> Result<Unit, domain::CodecError> {
    let mut drafts = Vec::with_capacity(facts.len());
    let mut positions = Vec::new();
    for (stream, fact) in facts {
        let encoded = fact.encode()?;
        positions.extend(fact.erases().iter().map(|position| Position(*position)));
        drafts.push(Draft {
            stream: stream.to_string(),
            kind: encoded.kind.to_owned(),
            kind_version: encoded.version,
            class: if encoded.secret { Class::Secret } else { Class::Plain },
            payload: encoded.payload,
        });
    }
    let reason = drafts.first().map(|draft| draft.kind.clone()).unwrap_or_default();
    let erase = (!positions.is_empty()).then_some(Erasure { positions, reason });
    Ok(Unit { drafts, erase })
}
