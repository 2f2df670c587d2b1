//! The transactions that a room remembers, so that a repeated request sends nothing twice.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use ruma::OwnedEventId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

use super::pdu::{TRANSACTION_ID_BYTES_MAX, TransactionKey, TransactionPath};
use crate::Rejection;

/// How many transactions a room remembers. A client that repeats a request does so within minutes, not after this many
/// messages of everybody in the room.
pub const TRANSACTIONS_MAX: usize = 2_000;

impl TransactionKey {
    /// Refuses ids that are longer than any identifier.
    ///
    /// # Errors
    /// 400 `M_INVALID_PARAM`.
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if self.id.as_str().len() > TRANSACTION_ID_BYTES_MAX {
            return Err(Rejection::invalid_param("A transaction id has at most 255 bytes."));
        }
        Ok(())
    }
}

/// Half of the SHA-256 hash of a key: all that is remembered of it. Two keys with one hash would take 2^64 attempts, and who found
/// them could send one message less.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct KeyHash([u8; 16]);

impl KeyHash {
    fn of(key: &TransactionKey) -> Self {
        let path = key.path.as_ref().map(|path| match path {
            TransactionPath::Send(event_type) => ("send", event_type.to_string()),
            TransactionPath::Redact(event_id) => ("redact", event_id.to_string()),
        });
        let (verb, object) = path.as_ref().map_or(("", ""), |(verb, object)| (verb, object));
        let mut hash = Sha256::new();
        for part in [key.user_id.as_str(), key.device_id.as_str(), key.id.as_str(), verb, object] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into();
        Self(*hash.first_chunk().unwrap_or(&[0; 16]))
    }
}

impl Serialize for KeyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for KeyHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD_NO_PAD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom("a hash has 16 bytes"))
    }
}

/// The newest transactions with the PDUs that they made; as JSON a list of both, the oldest first.
#[derive(Clone, Default)]
pub(super) struct Transactions {
    /// With the number under which each was remembered.
    known: HashMap<KeyHash, (u64, OwnedEventId)>,
    /// By that number.
    order: BTreeMap<u64, KeyHash>,
    last: u64,
}

impl Transactions {
    pub(super) fn get(&self, key: &TransactionKey) -> Option<&OwnedEventId> {
        self.known.get(&KeyHash::of(key)).map(|(_, event_id)| event_id)
    }

    /// Remembers a transaction as the newest, also when it was remembered before. A transaction is told of when its PDU is
    /// added and again when the PDU is erased; because the last time counts, a log in which the first is erased folds to
    /// the same.
    pub(super) fn remember(&mut self, key: &TransactionKey, event_id: OwnedEventId) {
        self.remember_hash(KeyHash::of(key), event_id);
    }

    fn remember_hash(&mut self, key: KeyHash, event_id: OwnedEventId) {
        self.last += 1;
        if let Some((before, _)) = self.known.insert(key, (self.last, event_id)) {
            self.order.remove(&before);
        }
        self.order.insert(self.last, key);
        if self.order.len() > TRANSACTIONS_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
    }

    /// The oldest first.
    fn iter(&self) -> impl Iterator<Item = (KeyHash, &OwnedEventId)> {
        self.order.values().filter_map(|key| self.known.get(key).map(|(_, event_id)| (*key, event_id)))
    }
}

impl Serialize for Transactions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Transactions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut transactions = Self::default();
        for (key, event_id) in Vec::deserialize(deserializer)? {
            transactions.remember_hash(key, event_id);
        }
        Ok(transactions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: usize) -> TransactionKey {
        TransactionKey {
            device_id: "D".into(),
            id: id.to_string().into(),
            path: None,
            user_id: ruma::owned_user_id!("@a:h"),
        }
    }

    fn remember(transactions: &mut Transactions, id: usize) {
        transactions.remember(&key(id), OwnedEventId::try_from(format!("${id}:h")).unwrap());
    }

    fn json(transactions: &Transactions) -> String {
        serde_json::to_string(transactions).unwrap()
    }

    #[test]
    fn the_oldest_goes_and_the_order_outlives_a_snapshot() {
        let mut transactions = Transactions::default();
        (0..TRANSACTIONS_MAX).for_each(|id| remember(&mut transactions, id));
        remember(&mut transactions, 0);
        let mut restored: Transactions = serde_json::from_str(&json(&transactions)).unwrap();
        for transactions in [&mut transactions, &mut restored] {
            remember(transactions, TRANSACTIONS_MAX);
            let ids: Vec<&str> = transactions.iter().map(|(_, event_id)| event_id.as_str()).collect();
            assert_eq!((ids.len(), ids[0], ids[TRANSACTIONS_MAX - 2]), (TRANSACTIONS_MAX, "$2:h", "$0:h"));
            assert_eq!(transactions.known.len(), TRANSACTIONS_MAX);
        }
        assert_eq!(json(&transactions), json(&restored));
    }

    #[test]
    fn keys_that_differ_in_any_part_are_two() {
        let (user_id, id) = (ruma::owned_user_id!("@b:h"), "12".into());
        let path = |path| TransactionKey { path: Some(path), ..key(1) };
        let keys = [
            key(1),
            TransactionKey { user_id, ..key(1) },
            TransactionKey { id, ..key(1) },
            TransactionKey { device_id: "D1".into(), id: "".into(), ..key(1) },
            path(TransactionPath::Send("$1:h".into())),
            path(TransactionPath::Redact(ruma::owned_event_id!("$1:h"))),
        ];
        let hashes: std::collections::HashSet<_> = keys.iter().map(KeyHash::of).collect();
        assert_eq!(hashes.len(), keys.len());
    }

    #[test]
    fn what_was_erased_first_is_remembered_as_if_it_had_been_there() {
        let (mut whole, mut erased) = (Transactions::default(), Transactions::default());
        for id in 0..TRANSACTIONS_MAX + 7 {
            remember(&mut whole, id);
            if id != 5 && id != TRANSACTIONS_MAX {
                remember(&mut erased, id);
            }
        }
        for id in [TRANSACTIONS_MAX, 5] {
            remember(&mut whole, id);
            remember(&mut erased, id);
        }
        assert_eq!(json(&whole), json(&erased));
    }
}
