//! Where a person's clients want to be told of news while they sleep (spec: "Pushers"), and how far each was told. Who tells them is
//! `push` of the engine.

mod facts;
mod reach;
mod set;

use std::collections::BTreeMap;

use ruma::OwnedDeviceId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use facts::{PusherReached, PusherRemoved, PusherSet};
pub use reach::ReachPusher;
pub use set::{PUSHER_BYTES_MAX, SetPusher};

use crate::Fact;

/// How many pushers one account may have.
pub const PUSHERS_MAX: usize = 100;

/// A person's pushers by application and push key, with the session that each belongs to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct PusherState {
    #[serde(with = "crate::pairs")]
    pushers: BTreeMap<(String, String), (OwnedDeviceId, Box<RawValue>)>,
}

impl PusherState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::PusherSet(fact) => {
                let key = (fact.app_id.clone(), fact.pushkey.clone());
                self.pushers.insert(key, (fact.device_id.clone(), fact.pusher.clone()));
            }
            Fact::PusherRemoved(fact) => {
                self.pushers.remove(&(fact.app_id.clone(), fact.pushkey.clone()));
            }
            Fact::SessionClosed(fact) => self.pushers.retain(|_, (device_id, _)| *device_id != fact.device_id),
            _ => {}
        }
    }
}
