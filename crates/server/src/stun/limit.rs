//! How often one address is answered. Memory is bounded whatever addresses are made up: they share a fixed number of
//! buckets, by a hash that nobody outside can foresee.

use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::Arc,
};

use api::ClientAddress;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Answers for one address in a second. A browser asks a handful of times for each call, an office or a mobile network
/// has many browsers behind one address.
const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// Answers for one address at once.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

/// Who was answered how often. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Limit {
    pub(super) inner: Option<Arc<Inner>>,
}

pub(super) struct Inner {
    hasher: RandomState,
    /// One for each of the 65,536 hashes at most: about 2 MB when all are in use.
    pub(super) buckets: DefaultKeyedRateLimiter<u16>,
}

impl Limit {
    /// A limit, or none for load tests.
    pub(crate) fn new(is_limited: bool) -> Self {
        let inner = is_limited.then(|| {
            let quota = Quota::per_second(PER_SECOND).allow_burst(BURST);
            Arc::new(Inner { hasher: RandomState::new(), buckets: RateLimiter::keyed(quota) })
        });
        Self { inner }
    }

    /// Counts a request and says whether it may be answered.
    pub(crate) fn allows(&self, address: impl Into<ClientAddress>) -> bool {
        let Some(inner) = &self.inner else { return true };
        let hash = inner.hasher.hash_one(address.into());
        inner.buckets.check_key(&u16::try_from(hash & u64::from(u16::MAX)).unwrap_or_default()).is_ok()
    }
}
