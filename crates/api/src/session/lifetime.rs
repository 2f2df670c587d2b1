//! How long access tokens live.

use std::time::Duration;

use crate::app::ApiSettings;

/// How long the access token of a new session lives: only a client that can refresh it is given one that ends.
pub(crate) fn lifetime_ms(settings: &ApiSettings, can_refresh: bool) -> Option<u64> {
    can_refresh.then_some(settings.access_token_lifetime_ms)
}

/// The same as a duration.
pub(crate) fn duration(lifetime_ms: Option<u64>) -> Option<Duration> {
    lifetime_ms.map(Duration::from_millis)
}
