//! Many signatures at once: batches on all cores, and one by one only to name the false one.

use ed25519_dalek::{Signature, VerifyingKey, verify_batch};
use rayon::prelude::*;

use super::damage::Damage;
use crate::record::Position;

/// Signatures in one batch equation: past this size a batch gains little and a core waits.
const BATCH: usize = 512;

/// A header with its signature and the key that must have made it.
pub(super) struct Signed {
    pub(super) header: Vec<u8>,
    pub(super) signature: [u8; 64],
    pub(super) key: VerifyingKey,
    pub(super) position: Position,
    pub(super) line: Option<u64>,
}

/// The first whose signature is false.
pub(super) fn first_false(signed: &[Signed]) -> Option<Damage> {
    let found = signed
        .par_chunks(BATCH)
        .find_map_first(|batch| if batch_is_true(batch) { None } else { batch.iter().find(|one| !is_true(one)) })?;
    let what = "the signature is wrong".to_owned();
    Some(Damage { position: Some(found.position), line: found.line, what })
}

fn batch_is_true(batch: &[Signed]) -> bool {
    let messages: Vec<&[u8]> = batch.iter().map(|one| one.header.as_slice()).collect();
    let signatures: Vec<Signature> = batch.iter().map(|one| Signature::from_bytes(&one.signature)).collect();
    let keys: Vec<VerifyingKey> = batch.iter().map(|one| one.key).collect();
    verify_batch(&messages, &signatures, &keys).is_ok()
}

fn is_true(one: &Signed) -> bool {
    one.key.verify_strict(&one.header, &Signature::from_bytes(&one.signature)).is_ok()
}
