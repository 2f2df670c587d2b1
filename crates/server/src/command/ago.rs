//! Times as people say them: `7d` for a duration, "expires in 6 days" for a moment.

use std::time::Duration;

use event_log::{Clock as _, SystemClock};

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;

/// Reads a duration: a whole number and a unit, one of m, h, d and w.
///
/// # Errors
/// What is expected, for anything else.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number and a unit: 30m, 12h, 7d or 4w".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let unit_s = match unit {
        'm' => MINUTE_S,
        'h' => HOUR_S,
        'd' => DAY_S,
        'w' => 7 * DAY_S,
        _ => return Err(expected()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(expected)?;
    number.checked_mul(unit_s).map(Duration::from_secs).ok_or_else(expected)
}

/// When something ends or has ended, seen from now.
pub(super) fn moment(at_ms: u64) -> String {
    match at_ms.checked_sub(SystemClock.now_ms()) {
        Some(left_ms) if left_ms > 0 => format!("expires in {}", words(Duration::from_millis(left_ms))),
        _ => "expired".to_owned(),
    }
}

/// A time in its largest unit, rounded up: nothing expires in no time.
fn words(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (unit_s, unit) = if seconds <= HOUR_S {
        (MINUTE_S, "minute")
    } else if seconds <= DAY_S {
        (HOUR_S, "hour")
    } else {
        (DAY_S, "day")
    };
    let number = seconds.div_ceil(unit_s).max(1);
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, words};

    #[test]
    fn durations_are_read() {
        for (text, seconds) in
            [("30m", Some(1_800)), ("12h", Some(43_200)), ("7d", Some(604_800)), ("4w", Some(2_419_200)), ("0d", Some(0))]
        {
            assert_eq!(duration(text).ok().map(|time| time.as_secs()), seconds, "{text}");
        }
        for text in ["", "7", "d", "-1d", "1.5d", "7 d", "7y", "7ü", "99999999999999999999d", "18446744073709551615w"] {
            assert!(duration(text).is_err_and(|error| error.contains("7d")), "{text}");
        }
    }

    #[test]
    fn times_are_said_in_their_largest_unit() {
        for (seconds, expected) in [
            (0, "1 minute"),
            (1_799, "30 minutes"),
            (7_199, "2 hours"),
            (86_399, "24 hours"),
            (3_600, "60 minutes"),
            (259_200, "3 days"),
            (604_799, "7 days"),
            (604_700, "7 days"),
        ] {
            assert_eq!(words(Duration::from_secs(seconds)), expected, "{seconds}");
        }
    }
}
