//! What the view keeps of a device's one-time and fallback keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One device's one-time and fallback keys, by algorithm.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Prekeys {
    /// Ids of one-time keys that nobody has claimed.
    pub(super) one_time: BTreeMap<String, BTreeSet<String>>,
    /// The current fallback key.
    pub(super) fallback: BTreeMap<String, Fallback>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Fallback {
    pub(super) id: String,
    pub(super) used: bool,
}
