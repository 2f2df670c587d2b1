//! Moments as they are written here.

use crate::browser;

/// "Today, 14:05", else "3 Mar, 14:05". `at_ms`: milliseconds since the epoch.
pub(super) fn moment(at_ms: u64) -> String {
    let (at, now) = (browser::local_time(at_ms), browser::now());
    let day = if at.day == now.day { "Today".to_owned() } else { at.short(now) };
    format!("{day}, {}", at.time())
}
