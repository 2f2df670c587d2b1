//! The requests to send to devices that a person's lane remembers.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::ToDeviceKey;
use crate::Fact;

/// How many requests are remembered. A client repeats a request within minutes.
pub const TRANSACTIONS_MAX: usize = 1_000;

/// The newest requests of all devices of one person; as JSON their list, the oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "VecDeque<ToDeviceKey>", into = "VecDeque<ToDeviceKey>")]
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
        if let Fact::ToDeviceSent(sent) = fact {
            self.remember(sent.key.clone());
        }
    }

    fn remember(&mut self, key: ToDeviceKey) {
        if !self.sent.insert(key.clone()) {
            return;
        }
        if self.order.len() == TRANSACTIONS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.sent.remove(&oldest);
        }
        self.order.push_back(key);
    }
}

impl From<VecDeque<ToDeviceKey>> for SendingState {
    fn from(keys: VecDeque<ToDeviceKey>) -> Self {
        let mut state = Self::default();
        keys.into_iter().for_each(|key| state.remember(key));
        state
    }
}

impl From<SendingState> for VecDeque<ToDeviceKey> {
    fn from(state: SendingState) -> Self {
        state.order
    }
}
