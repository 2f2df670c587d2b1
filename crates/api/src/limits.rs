//! Limits in token buckets: for people, their devices, addresses, accounts that are logged in to, and devices whose keys are taken.
//!
//! Which request comes out of which bucket is said by its class (`endpoint.rs`); what only a handler can know, it says here.

mod buckets;
mod budget;
mod known;

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::Rejection;
use governor::Quota;
use ruma::{DeviceId, UserId};

use self::{
    buckets::{Buckets, Refused},
    budget::Budget,
    known::KnownAddresses,
};
use crate::{client_address::ClientAddress, error::ApiError, sender::Sender};

/// How much is let through. One device of a person gets at most four fifths of what the person gets.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// Writes of one person, in a second. A bucket holds ten seconds' worth.
    pub writes_per_second: NonZeroU32,
    /// Reads of one person, or without a session from one address, in a second. A bucket holds ten seconds' worth.
    pub reads_per_second: NonZeroU32,
    /// Bytes that one person writes, in a second: bodies, and messages to devices once for each device. A bucket holds a
    /// minute's worth.
    pub write_bytes_per_second: NonZeroU32,
    /// Bytes of media that one person uploads, in a second. A bucket holds ten seconds' worth, but at least four of the
    /// largest files.
    pub upload_bytes_per_second: NonZeroU32,
    /// The largest file, bytes.
    pub upload_bytes_max: u64,
    /// Attempts to log in or sign up from one address, in a minute.
    pub logins_per_minute: NonZeroU32,
    /// Wrong passwords for one account from one address or in one session, in an hour. A bucket holds a third of them. All
    /// strange addresses together have ten times as many.
    pub failed_logins_per_hour: NonZeroU32,
    /// One-time keys of one device that one person takes, in an hour.
    pub key_claims_per_hour: NonZeroU32,
    /// Keys that have a bucket of their own, of each kind of limit: the others share some.
    pub buckets: usize,
}

impl Default for RateLimits {
    fn default() -> Self {
        let number = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        Self {
            writes_per_second: number(50),
            reads_per_second: number(200),
            write_bytes_per_second: number(1 << 20),
            upload_bytes_per_second: number(8 << 20),
            upload_bytes_max: 50 << 20,
            logins_per_minute: number(30),
            failed_logins_per_hour: number(60),
            key_claims_per_hour: number(20),
            buckets: 65_536,
        }
    }
}

/// Maps of buckets: of people and devices two for each of four kinds of request, and six others.
const MAPS: u64 = 2 * 4 + 6;
/// Messages to one address in an hour, and for one person; as many at once.
const LETTERS_PER_HOUR: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// What a key takes that has a bucket in each map, and eight known addresses, bytes. Maps keep room to grow.
pub(crate) const KEY_BYTES: u64 = MAPS * 40 + 8 * 24 + 128;
/// Bytes that a token of a bucket of bytes stands for.
const TOKEN_BYTES: u64 = 1_024;
/// How many seconds' worth of requests a bucket holds.
const REQUESTS_AT_ONCE_S: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How many seconds' worth of written bytes a bucket holds.
const BYTES_AT_ONCE_S: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// How many of the largest files a bucket of uploaded bytes holds at least.
const FILES_AT_ONCE: u64 = 4;
/// How much more all strange addresses together may fail to log in to an account than one.
const STRANGERS: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Who has asked how often. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    writes: Budget,
    reads: Budget,
    write_bytes: Budget,
    upload_bytes: Budget,
    public: Buckets,
    logins: Buckets,
    /// By account, and by address or session.
    failures: Buckets,
    /// By account, from addresses where it was not used lately.
    strange_failures: Buckets,
    key_claims: Buckets,
    /// By the address that they go to, and by who asks.
    letters: Buckets,
    known: KnownAddresses,
}

impl Inner {
    fn new(limits: &RateLimits) -> Self {
        let requests = |per_second: NonZeroU32| (per_second, per_second.saturating_mul(REQUESTS_AT_ONCE_S));
        let keys = limits.buckets;
        let people = |(per_second, at_once)| Budget::new(per_second, at_once, keys);
        let write_tokens = tokens(limits.write_bytes_per_second.get().into());
        let upload_tokens = tokens(limits.upload_bytes_per_second.get().into());
        let uploads_at_once = tokens(limits.upload_bytes_max.saturating_mul(FILES_AT_ONCE));
        let (reads_per_second, reads_at_once) = requests(limits.reads_per_second);
        let failures = |per_hour: NonZeroU32| {
            let at_once = NonZeroU32::new(per_hour.get().div_ceil(3)).unwrap_or(per_hour);
            Buckets::new(Quota::per_hour(per_hour).allow_burst(at_once), keys)
        };
        Self {
            writes: people(requests(limits.writes_per_second)),
            reads: people((reads_per_second, reads_at_once)),
            write_bytes: people((write_tokens, write_tokens.saturating_mul(BYTES_AT_ONCE_S))),
            upload_bytes: people((upload_tokens, upload_tokens.saturating_mul(REQUESTS_AT_ONCE_S).max(uploads_at_once))),
            public: Buckets::new(Quota::per_second(reads_per_second).allow_burst(reads_at_once), keys),
            logins: Buckets::new(Quota::per_minute(limits.logins_per_minute), keys),
            failures: failures(limits.failed_logins_per_hour),
            strange_failures: failures(limits.failed_logins_per_hour.saturating_mul(STRANGERS)),
            key_claims: Buckets::new(Quota::per_hour(limits.key_claims_per_hour), keys),
            letters: Buckets::new(Quota::per_hour(LETTERS_PER_HOUR), keys),
            known: KnownAddresses::new(keys),
        }
    }
}

/// Who tries a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Guesser<'a> {
    /// Somebody who logs in. No address: a request that came by no connection.
    Address(Option<ClientAddress>),
    /// A session of the account, which is asked for the password once more.
    Session(&'a DeviceId),
}

/// An attempt at a password. It counts as a wrong one until it is said that it was right, so that many at once gain nothing.
#[must_use]
pub(crate) struct Attempt<'a> {
    inner: Option<&'a Inner>,
    account: &'a str,
    guesser: Guesser<'a>,
    is_strange: bool,
}

impl Attempt<'_> {
    /// The password was right: the attempt does not count.
    pub(crate) fn was_right(self) {
        let Some(inner) = self.inner else { return };
        inner.failures.put_back((self.account, self.guesser));
        if self.is_strange {
            inner.strange_failures.put_back(self.account);
        }
    }
}

impl Limits {
    /// Limits, or none for load tests.
    #[must_use]
    pub fn new(limits: Option<&RateLimits>) -> Self {
        Self { inner: limits.map(|limits| Arc::new(Inner::new(limits))) }
    }

    /// Counts a request that writes, with so many bytes.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again; 413 `M_TOO_LARGE` for what is more than anybody may ever write at
    /// once.
    pub(crate) fn write(&self, sender: &Sender, bytes: u64) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        inner.writes.take(sender, NonZeroU32::MIN)?;
        Ok(inner.write_bytes.take(sender, tokens(bytes))?)
    }

    /// Counts bytes that a request makes beside those of its body.
    ///
    /// # Errors
    /// As those of [`Self::write`].
    pub(crate) fn more_bytes(&self, sender: &Sender, bytes: u64) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        Ok(inner.write_bytes.take(sender, tokens(bytes))?)
    }

    /// Counts an upload of so many bytes.
    ///
    /// # Errors
    /// As those of [`Self::write`].
    pub(crate) fn upload(&self, sender: &Sender, bytes: u64) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        inner.writes.take(sender, NonZeroU32::MIN)?;
        Ok(inner.upload_bytes.take(sender, tokens(bytes))?)
    }

    /// Counts a read.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn read(&self, sender: &Sender) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        Ok(inner.reads.take(sender, NonZeroU32::MIN)?)
    }

    /// Counts a request without a session.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn public(&self, address: ClientAddress) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        Ok(inner.public.take(address, NonZeroU32::MIN)?)
    }

    /// Counts an attempt to log in or to sign up.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn login(&self, address: ClientAddress) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        Ok(inner.logins.take(address, NonZeroU32::MIN)?)
    }

    /// Notes that a session of `user` is used from `address`, which is then no strange one to the account.
    pub(crate) fn note_use(&self, user: &UserId, address: ClientAddress) {
        if let Some(inner) = &self.inner {
            inner.known.note(user.as_str(), address, Instant::now());
        }
    }

    /// Counts an attempt at the password of an account: a user id, or what else somebody is named by who does not exist.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn guess<'a>(&'a self, account: &'a str, guesser: Guesser<'a>) -> Result<Attempt<'a>, ApiError> {
        let Some(inner) = self.inner.as_deref() else {
            return Ok(Attempt { inner: None, account, guesser, is_strange: false });
        };
        let is_strange = match guesser {
            Guesser::Session(_) => false,
            Guesser::Address(None) => true,
            Guesser::Address(Some(address)) => !inner.known.is_known(account, address, Instant::now()),
        };
        inner.failures.take((account, guesser), NonZeroU32::MIN)?;
        if is_strange {
            inner.strange_failures.take(account, NonZeroU32::MIN)?;
        }
        Ok(Attempt { inner: Some(inner), account, guesser, is_strange })
    }

    /// Counts a message to an address, or one that a person asks for. Whether anybody has the address makes no difference.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` with when to try again.
    pub(crate) fn letter(&self, of: &str) -> Result<(), ApiError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        Ok(inner.letters.take(of, NonZeroU32::MIN)?)
    }

    /// Counts a one-time key that `claimer` takes of a device, and says whether they may have one.
    pub(crate) fn may_claim(&self, claimer: &UserId, owner: &UserId, device: &DeviceId) -> bool {
        let Some(inner) = &self.inner else { return true };
        inner.key_claims.take((claimer, owner, device), NonZeroU32::MIN).is_ok()
    }
}

/// What so many bytes cost. Nothing is free.
fn tokens(bytes: u64) -> NonZeroU32 {
    let tokens = u32::try_from(bytes.div_ceil(TOKEN_BYTES)).unwrap_or(u32::MAX);
    NonZeroU32::new(tokens).unwrap_or(NonZeroU32::MIN)
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::For(wait) => Self::Limited { retry_after_ms: milliseconds(wait) },
            Refused::Always => Rejection::too_large("That is more than may be written at once. Send less at a time.").into(),
        }
    }
}

/// Rounded up, so that whoever comes back then is let in.
fn milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
}
