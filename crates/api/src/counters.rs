//! How many requests each endpoint has answered, how, and how long that took: what an admin's monitoring reads.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::http::StatusCode;
use parking_lot::Mutex;

/// What has been counted since the start. Cheap to clone.
#[derive(Clone, Default)]
pub struct Counters {
    counts: Arc<Mutex<BTreeMap<(&'static str, u16), Count>>>,
    refused: Arc<Mutex<BTreeMap<&'static str, u64>>>,
}

/// The requests that one endpoint answered with one status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub requests: u64,
    /// How long they took together, waits included.
    pub took: Duration,
}

impl Counters {
    /// Counts an answer of an endpoint of a class.
    pub(crate) fn count(&self, class: &'static str, path: &'static str, status: StatusCode, took: Duration) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            *self.refused.lock().entry(class).or_default() += 1;
        }
        let mut counts = self.counts.lock();
        let count = counts.entry((path, status.as_u16())).or_default();
        count.requests += 1;
        count.took += took;
    }

    /// Everything counted, by path (with the names of its parts in braces) and status.
    #[must_use]
    pub fn all(&self) -> BTreeMap<(&'static str, u16), Count> {
        self.counts.lock().clone()
    }

    /// How many requests were refused because there were too many, by the class of their endpoints.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<&'static str, u64> {
        self.refused.lock().clone()
    }
}
