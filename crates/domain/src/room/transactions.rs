//! The transactions that a room remembers, so that a repeated request sends nothing twice.

use std::{collections::BTreeMap, sync::Arc};

use ruma::OwnedEventId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::pdu::{TRANSACTION_ID_BYTES_MAX, TransactionKey};
use crate::Rejection;

/// How many transactions a room remembers. A client that repeats a request does so within minutes, not after this many
/// messages of everybody in the room.
pub(super) const TRANSACTIONS_MAX: usize = 2_000;

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

/// The newest transactions with the PDUs that they made; as JSON a list of both, the oldest first.
#[derive(Clone, Default)]
pub(super) struct Transactions {
    /// With the number under which each was remembered.
    known: BTreeMap<Arc<TransactionKey>, (u64, OwnedEventId)>,
    /// By that number.
    order: BTreeMap<u64, Arc<TransactionKey>>,
    last: u64,
}

impl Transactions {
    pub(super) fn get(&self, key: &TransactionKey) -> Option<&OwnedEventId> {
        self.known.get(key).map(|(_, event_id)| event_id)
    }

    /// Remembers a transaction as the newest, also when it was remembered before. A transaction is told of when its PDU is
    /// added and again when the PDU is erased; because the last time counts, a log in which the first is erased folds to
    /// the same.
    pub(super) fn remember(&mut self, key: TransactionKey, event_id: OwnedEventId) {
        let key = Arc::new(key);
        self.last += 1;
        if let Some((before, _)) = self.known.insert(Arc::clone(&key), (self.last, event_id)) {
            self.order.remove(&before);
        }
        self.order.insert(self.last, key);
        if self.order.len() > TRANSACTIONS_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Serialize for Transactions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.order.values().map(|key| (key, self.get(key))))
    }
}

impl<'de> Deserialize<'de> for Transactions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut transactions = Self::default();
        for (key, event_id) in Vec::deserialize(deserializer)? {
            transactions.remember(key, event_id);
        }
        Ok(transactions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remember(transactions: &mut Transactions, id: usize) {
        let key = TransactionKey {
            device_id: "D".into(),
            id: id.to_string().into(),
            path: None,
            user_id: ruma::owned_user_id!("@a:h"),
        };
        transactions.remember(key, ruma::OwnedEventId::try_from(format!("${id}:h")).unwrap());
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
            let ids: Vec<&str> = transactions.order.values().map(|key| key.id.as_str()).collect();
            assert_eq!((ids.len(), ids[0], ids[TRANSACTIONS_MAX - 2]), (TRANSACTIONS_MAX, "2", "0"));
            assert_eq!(transactions.known.len(), TRANSACTIONS_MAX);
        }
        assert_eq!(json(&transactions), json(&restored));
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
