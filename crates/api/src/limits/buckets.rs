//! Token buckets by key, in bounded memory and time. How a bucket fills and empties is governor's; where the buckets lie is here.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use parking_lot::Mutex;

/// Buckets that all other keys share while there are so many.
const SHARED: u64 = 1_024;
/// How long after a search for full buckets the next one may come.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Why a key's bucket does not give what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It will hold enough after this long.
    For(Duration),
    /// It never holds as much.
    Always,
}

/// A bucket for each key that was used lately. A key that was not has a full bucket, and nothing is kept of it.
///
/// Keys are kept as keyed 64-bit hashes: an entry has 16 bytes whatever the key is, and who wants to meet another's
/// bucket would have to know the hash function's key.
///
/// When as many keys as there is room for have buckets that are not full, a new key shares one of [`SHARED`] further buckets with others.
/// So whoever comes with as many keys as he likes still runs dry, and who is known already notices nothing.
pub(super) struct Buckets<C: Clock = DefaultClock> {
    limiter: RateLimiter<u64, Store, C, NoOpMiddleware<C::Instant>>,
    store: Store,
    hasher: RandomState,
    /// What one token is worth.
    token: Nanos,
    swept_at: Mutex<Option<C::Instant>>,
}

impl Buckets {
    /// Buckets that fill and empty as `quota` says, one each for so many keys at once.
    pub(super) fn new(quota: Quota, keys_max: usize) -> Self {
        Self::with_clock(quota, keys_max, DefaultClock::default())
    }
}

impl<C: Clock> Buckets<C> {
    fn with_clock(quota: Quota, keys_max: usize, clock: C) -> Self {
        let store = Store(Arc::new(Mutex::new(Held { keys_max, ..Held::default() })));
        Self {
            limiter: RateLimiter::new(quota, store.clone(), clock),
            store,
            hasher: RandomState::new(),
            token: quota.replenish_interval().into(),
            swept_at: Mutex::new(None),
        }
    }

    /// Takes `tokens` out of a key's bucket, all or none.
    ///
    /// # Errors
    /// [`Refused`] when it does not hold as many.
    pub(super) fn take(&self, key: impl Hash, tokens: NonZeroU32) -> Result<(), Refused> {
        self.sweep();
        match self.limiter.check_key_n(&self.hasher.hash_one(key), tokens) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(Refused::For(not_until.wait_time_from(self.limiter.clock().now()))),
            Err(_) => Err(Refused::Always),
        }
    }

    /// Puts one token back that was taken before.
    pub(super) fn put_back(&self, key: impl Hash) {
        if let Some(full_at) = self.store.0.lock().bucket(self.hasher.hash_one(key)) {
            *full_at = full_at.saturating_sub(self.token);
        }
    }

    /// Forgets the buckets that are full again, when a new one found no room, and not more often than once in a while: it
    /// reads them all.
    fn sweep(&self) {
        if !self.store.0.lock().is_crowded {
            return;
        }
        let now = self.limiter.clock().now();
        let mut swept_at = self.swept_at.lock();
        if swept_at.is_none_or(|at| now.duration_since(at) >= SWEEP_INTERVAL.into()) {
            *swept_at = Some(now);
            self.limiter.retain_recent();
        }
    }
}

/// Where the buckets lie. Cheap to clone.
#[derive(Clone)]
struct Store(Arc<Mutex<Held>>);

/// When each bucket is full again, since the start of the limiter.
#[derive(Default)]
struct Held {
    own: HashMap<u64, Nanos>,
    shared: HashMap<u64, Nanos>,
    /// Keys that have a bucket of their own at most.
    keys_max: usize,
    /// Whether a key found no room since the last search for full buckets.
    is_crowded: bool,
}

impl Held {
    /// The bucket of a key, if something was taken from it: its own, or the one that it shares.
    fn bucket(&mut self, key: u64) -> Option<&mut Nanos> {
        if self.own.len() < self.keys_max || self.own.contains_key(&key) {
            return self.own.get_mut(&key);
        }
        self.shared.get_mut(&(key % SHARED))
    }

    fn keep(&mut self, key: u64, full_at: Nanos) {
        if self.own.len() < self.keys_max || self.own.contains_key(&key) {
            self.own.insert(key, full_at);
        } else {
            self.is_crowded = true;
            self.shared.insert(key % SHARED, full_at);
        }
    }
}

impl StateStore for Store {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut held = self.0.lock();
        let full_at = held.bucket(*key).copied();
        let (outcome, full_at) = measure(full_at)?;
        held.keep(*key, full_at);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<u64> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut held = self.0.lock();
        held.own.retain(|_, full_at| *full_at > drop_below);
        held.is_crowded = false;
    }

    fn len(&self) -> usize {
        self.0.lock().own.len()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().own.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;
    const KEYS_MAX: usize = 65_536;

    /// Buckets of five tokens, one more each second.
    fn five(clock: &FakeRelativeClock) -> Buckets<FakeRelativeClock> {
        Buckets::with_clock(Quota::per_second(ONE).allow_burst(NonZeroU32::new(5).unwrap()), KEYS_MAX, clock.clone())
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_says_when_it_holds_more() {
        let clock = FakeRelativeClock::default();
        let buckets = five(&clock);
        let tokens = |count| NonZeroU32::new(count).unwrap();
        assert_eq!(buckets.take("a", tokens(6)), Err(Refused::Always));
        assert_eq!(buckets.take("a", tokens(4)), Ok(()));
        assert_eq!(buckets.take("a", tokens(3)), Err(Refused::For(Duration::from_secs(2))));
        assert_eq!(buckets.take("b", tokens(5)), Ok(()), "another key has another bucket");
        clock.advance(Duration::from_secs(2));
        assert_eq!(buckets.take("a", tokens(3)), Ok(()));
        assert!(buckets.take("a", ONE).is_err());
        buckets.put_back("a");
        assert_eq!(buckets.take("a", ONE), Ok(()));
        buckets.put_back("c");
        assert_eq!(buckets.take("c", tokens(6)), Err(Refused::Always), "a full bucket takes nothing more");
    }

    #[test]
    fn more_keys_than_there_is_room_for_run_dry_and_leave_known_ones_alone() {
        let clock = FakeRelativeClock::default();
        let buckets = five(&clock);
        buckets.take("known", ONE).unwrap();
        let strangers = 2 * KEYS_MAX;
        let refused = (0..strangers).filter(|n| buckets.take(("stranger", n), ONE).is_err()).count();
        let shared_tokens = 5 * usize::try_from(SHARED).unwrap();
        assert!(refused >= strangers - KEYS_MAX - shared_tokens, "{refused}");
        assert_eq!(buckets.limiter.len(), KEYS_MAX);
        assert!(buckets.store.0.lock().shared.len() <= usize::try_from(SHARED).unwrap());
        assert_eq!(buckets.take("known", NonZeroU32::new(4).unwrap()), Ok(()));
        // When the buckets are full again, there is room again.
        clock.advance(Duration::from_secs(6));
        assert_eq!(buckets.take("new", NonZeroU32::new(5).unwrap()), Ok(()));
        assert_eq!(buckets.limiter.len(), 1);
    }

    #[test]
    fn full_buckets_are_searched_for_at_most_once_a_second() {
        let clock = FakeRelativeClock::default();
        let buckets = five(&clock);
        assert_eq!((0..=KEYS_MAX).filter(|n| buckets.take(n, ONE).is_err()).count(), 0);
        let mut searches = 0;
        for _ in 0..200 {
            clock.advance(Duration::from_millis(10));
            let before = *buckets.swept_at.lock();
            let _outcome = buckets.take("again", ONE);
            searches += usize::from(before != *buckets.swept_at.lock());
        }
        assert!(searches <= 2, "{searches} in two seconds");
    }
}
