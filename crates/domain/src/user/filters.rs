//! Filters that clients keep for their syncs (spec: "Filtering").

mod create;
mod facts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use create::CreateFilter;
pub use facts::FilterCreated;

use crate::Fact;

/// How many filters one account may have.
pub const FILTERS_MAX: usize = 1_000;
/// The largest filter.
pub const FILTER_BYTES_MAX: usize = 65_536;

/// A person's filters: text → id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct FilterState {
    ids: BTreeMap<String, String>,
}

impl FilterState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Fact::FilterCreated(fact) = fact {
            self.ids.insert(fact.filter.get().to_owned(), fact.filter_id.clone());
        }
    }
}
