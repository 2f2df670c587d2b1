//! Filters that clients keep for their syncs (spec: "Filtering").

mod create;
mod facts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use create::CreateFilter;
pub use facts::FilterCreated;

use crate::{Fact, short_digest::ShortDigest};

/// How many filters one account may have.
pub const FILTERS_MAX: usize = 1_000;
/// The largest filter.
pub const FILTER_BYTES_MAX: usize = 65_536;
/// Bytes of all filters of one account. They are never deleted.
pub const FILTERS_TOTAL_BYTES_MAX: usize = 4 << 20;

/// A person's filters: digest of the text → id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct FilterState {
    ids: BTreeMap<ShortDigest, String>,
    /// Of all texts.
    bytes: usize,
}

impl FilterState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Fact::FilterCreated(fact) = fact {
            self.ids.insert(ShortDigest::of(fact.filter.get()), fact.filter_id.clone());
            self.bytes += fact.filter.get().len();
        }
    }
}
