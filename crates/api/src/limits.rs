//! Rate limits, for each person and for each address, in token buckets.

use std::{hash::Hash, num::NonZeroU32, sync::Arc};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use ruma::{OwnedUserId, UserId};
use sha2::{Digest, Sha256};

use crate::{client_address::ClientAddress, error::ApiError};

/// How many requests are let through. Each bucket fills at its rate and holds ten seconds' worth.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// Writes of one person, in a second.
    pub writes_per_second: NonZeroU32,
    /// Reads of one person, or without a session from one address, in a second.
    pub reads_per_second: NonZeroU32,
    /// Attempts to log in or sign up from one address, in a minute.
    pub logins_per_minute: NonZeroU32,
}

impl Default for RateLimits {
    fn default() -> Self {
        let number = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        Self { writes_per_second: number(50), reads_per_second: number(200), logins_per_minute: number(30) }
    }
}

/// Who has asked how often. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    clock: DefaultClock,
    writes: DefaultKeyedRateLimiter<OwnedUserId>,
    reads: DefaultKeyedRateLimiter<OwnedUserId>,
    public: DefaultKeyedRateLimiter<ClientAddress>,
    logins: DefaultKeyedRateLimiter<LoginKey>,
}

/// Whose attempts to log in are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LoginKey {
    /// All attempts from one address.
    Address(ClientAddress),
    /// All attempts on one account, from wherever they come.
    Account([u8; ACCOUNT_KEY_BYTES]),
}

impl LoginKey {
    /// The attempts on this account, whether there is one or not.
    pub(crate) fn account(user_id: &UserId) -> Self {
        let digest: [u8; 32] = Sha256::digest(user_id.as_bytes()).into();
        let mut key = [0; ACCOUNT_KEY_BYTES];
        key.iter_mut().zip(digest).for_each(|(key, digest)| *key = digest);
        Self::Account(key)
    }
}

/// How much of a name's hash tells accounts apart, bytes. Names themselves are as long as strangers like.
const ACCOUNT_KEY_BYTES: usize = 16;
/// Keys that a limiter may hold before those with full buckets are forgotten.
const KEYS_MAX: usize = 10_000;

impl Limits {
    /// Limits, or none for load tests.
    #[must_use]
    pub fn new(limits: Option<&RateLimits>) -> Self {
        let inner = limits.map(|limits| {
            let quota = |per_second: NonZeroU32| {
                Quota::per_second(per_second).allow_burst(per_second.saturating_mul(NonZeroU32::MIN.saturating_add(9)))
            };
            let logins = Quota::per_minute(limits.logins_per_minute);
            Arc::new(Inner {
                clock: DefaultClock::default(),
                writes: RateLimiter::keyed(quota(limits.writes_per_second)),
                reads: RateLimiter::keyed(quota(limits.reads_per_second)),
                public: RateLimiter::keyed(quota(limits.reads_per_second)),
                logins: RateLimiter::keyed(logins),
            })
        });
        Self { inner }
    }

    /// Counts a write of `user`.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn write(&self, user: &UserId) -> Result<(), ApiError> {
        self.inner.as_ref().map_or(Ok(()), |inner| inner.check(&inner.writes, &user.to_owned()))
    }

    /// Counts a read of `user`.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn read(&self, user: &UserId) -> Result<(), ApiError> {
        self.inner.as_ref().map_or(Ok(()), |inner| inner.check(&inner.reads, &user.to_owned()))
    }

    /// Counts a request without a session from `address`.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn public(&self, address: ClientAddress) -> Result<(), ApiError> {
        self.inner.as_ref().map_or(Ok(()), |inner| inner.check(&inner.public, &address))
    }

    /// Counts an attempt to log in or to sign up.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn login(&self, key: LoginKey) -> Result<(), ApiError> {
        self.inner.as_ref().map_or(Ok(()), |inner| inner.check(&inner.logins, &key))
    }
}

impl Inner {
    fn check<K: Clone + Hash + Eq>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), ApiError> {
        if limiter.len() > KEYS_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|not_until| self.limited(&not_until))
    }

    fn limited(&self, not_until: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> ApiError {
        let wait = not_until.wait_time_from(self.clock.now());
        ApiError::Limited { retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1) }
    }
}
