//! The requests to send to devices that a person's lane remembers.

use std::collections::{BTreeSet, VecDeque};

use super::ToDeviceKey;
use crate::Fact;

/// How many requests are remembered. A client repeats a request within minutes.
const TRANSACTIONS_MAX: usize = 1_000;

/// The newest requests of all devices of one person.
#[derive(Default)]
pub struct SendingState {
    sent: BTreeSet<ToDeviceKey>,
    order: VecDeque<ToDeviceKey>,
}

impl SendingState {
    /// Whether the request was carried out before.
    #[must_use]
    pub fn is_sent(&self, key: &ToDeviceKey) -> bool {
        self.sent.contains(key)
    }

    /// Takes a fact in; those that are not about sending leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Fact::ToDeviceSent(sent) = fact else { return };
        if self.order.len() == TRANSACTIONS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.sent.remove(&oldest);
        }
        self.order.push_back(sent.key.clone());
        self.sent.insert(sent.key.clone());
    }
}
