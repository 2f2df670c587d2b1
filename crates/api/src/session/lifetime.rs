//! How long access tokens live.

use std::time::Duration;

/// How long an access token lives that the client can refresh, in milliseconds.
pub(super) const ACCESS_TOKEN_MS: u64 = 60 * 60 * 1_000;

/// How long the access token of a new session lives: only a client that can refresh it is given one that ends.
pub(crate) fn lifetime_ms(can_refresh: bool) -> Option<u64> {
    can_refresh.then_some(ACCESS_TOKEN_MS)
}

/// The same as a duration.
pub(crate) fn duration(lifetime_ms: Option<u64>) -> Option<Duration> {
    lifetime_ms.map(Duration::from_millis)
}
