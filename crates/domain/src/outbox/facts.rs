//! What was decided about effects of facts.

use serde::{Deserialize, Serialize};

/// Fact `effect.finished`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectFinished {
    /// Where in the log the fact is whose effect is done.
    pub position: u64,
}
