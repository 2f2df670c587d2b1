//! Between facts and the log's records.

use domain::{CodecError, Fact, Stream};
use event_log::{Class, Draft, Erasure, Position, Reader, Record, Unit};
use projection::{Decode, Decoded, ViewFault};
use ruma::UserId;

use crate::{SubmitError, causes::without_content};

/// The one reading of a record's payload, for views and lanes: what one of them parks, the other passes over.
#[derive(Clone, Copy, Debug, Default)]
pub struct FactDecoder;

impl Decode<Fact> for FactDecoder {
    fn decode(&self, record: &Record) -> Result<Decoded<Fact>, ViewFault> {
        let header = &record.header;
        match Fact::decode(&header.kind, header.kind_version, record.bytes().unwrap_or_default()) {
            Ok(fact) => Ok(Decoded::Fact(fact)),
            Err(CodecError::Payload { source, .. }) => Ok(Decoded::Unreadable(without_content(&source))),
            Err(error @ CodecError::UnknownKind { .. }) => {
                Err(ViewFault::new(format!("record {}: {error}", header.position)))
            }
        }
    }

    fn outdates_snapshot(&self, fact: &Fact) -> bool {
        fact.outdates_snapshot()
    }
}

/// The fact at a position of the log; none when there is none, or its payload was erased or does not read.
pub(crate) fn fact_at(log: &Reader, position: u64) -> Result<Option<Fact>, SubmitError> {
    let Some(record) = log.get(Position(position))? else {
        return Ok(None);
    };
    if record.bytes().is_none() {
        return Ok(None);
    }
    match FactDecoder.decode(&record)? {
        Decoded::Fact(fact) => Ok(Some(fact)),
        Decoded::Unreadable(_) => Ok(None),
    }
}

/// The positions of payloads of `stream` after a position that go with `user`, rising, at most `limit`. One that does not read is passed
/// over: it is parked, and what is parked stays as it is.
pub(crate) fn payloads_of(
    log: &Reader,
    stream: &Stream,
    user: &UserId,
    after: u64,
    limit: usize,
) -> Result<Vec<u64>, SubmitError> {
    let mut positions = Vec::new();
    for page in log.pages(Position(after.saturating_add(1))).of_stream(stream.to_string()) {
        for record in page?.iter().filter(|record| record.bytes().is_some()) {
            if let Decoded::Fact(fact) = FactDecoder.decode(record)?
                && fact.goes_with(user)
            {
                positions.push(record.position().0);
                if positions.len() >= limit {
                    return Ok(positions);
                }
            }
        }
    }
    Ok(positions)
}

/// The unit that records `facts`, all or none, and erases the payloads that they make forgettable. Each payload is read
/// back first: nothing is appended that cannot be folded. What was read is given too, so that nobody need read it again.
pub(crate) fn unit(facts: &[(Stream, Fact)]) -> Result<(Unit, Vec<Fact>), SubmitError> {
    let (mut drafts, mut read_back) = (Vec::with_capacity(facts.len()), Vec::with_capacity(facts.len()));
    let (mut positions, mut within) = (Vec::new(), Vec::new());
    for (stream, fact) in facts {
        let encoded = fact.encode()?;
        let read = Fact::decode(encoded.kind, encoded.version, &encoded.payload).map_err(|error| match error {
            CodecError::Payload { kind, source } => SubmitError::Unreadable(format!("{kind}: {}", without_content(&source))),
            error @ CodecError::UnknownKind { .. } => error.into(),
        })?;
        read_back.push(read);
        if !fact.erases().is_empty() {
            positions.extend(fact.erases().iter().map(|position| Position(*position)));
            within.push(stream.to_string());
        }
        drafts.push(Draft {
            stream: stream.to_string(),
            kind: encoded.kind.to_owned(),
            kind_version: encoded.version,
            class: if encoded.secret { Class::Secret } else { Class::Plain },
            payload: encoded.payload,
        });
    }
    let reason = drafts.first().map(|draft| draft.kind.clone()).unwrap_or_default();
    let erase = (!positions.is_empty()).then_some(Erasure { positions, within, reason });
    Ok((Unit { drafts, erase }, read_back))
}

#[cfg(test)]
mod tests {
    use domain::user::cross_signing::CrossSigningKeysUploaded;
    use ruma::{CanonicalJsonObject, CanonicalJsonValue, owned_user_id};

    use super::*;

    /// A fact with a key that is nested so deep.
    fn nested(levels: usize) -> (Stream, Fact) {
        let value = (0..levels).fold(CanonicalJsonValue::Null, |inside, _| CanonicalJsonValue::Array(vec![inside]));
        let user_id = owned_user_id!("@a:h");
        let keys = CrossSigningKeysUploaded {
            master: Some(CanonicalJsonObject::from([("x".to_owned(), value)])),
            self_signing: None,
            user_id: user_id.clone(),
            user_signing: None,
        };
        (Stream::User(user_id), Fact::CrossSigningKeysUploaded(keys))
    }

    #[test]
    fn what_would_not_read_back_makes_no_unit() {
        assert_eq!(unit(&[nested(64)]).unwrap().0.drafts.len(), 1);
        let refused = unit(&[nested(64), nested(200)]).unwrap_err();
        assert!(matches!(&refused, SubmitError::Unreadable(_)), "{refused}");
    }

    #[test]
    fn reasons_quote_no_value() {
        let wrong = serde_json::from_str::<u64>(r#""a password hash""#).unwrap_err();
        assert!(wrong.to_string().contains("a password hash"), "serde quotes it, so it must not be passed on");
        assert!(!without_content(&wrong).contains("password"));
    }
}
