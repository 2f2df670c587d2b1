//! How long to wait after failures: each time twice as long, and by chance up to half longer or shorter, so that those that failed together
//! do not come back together.

use std::time::Duration;

/// The pause after so many failures, from the first pause to the longest. `chance` is from 0 to 1.
pub(crate) fn pause((least, most): (Duration, Duration), failures: u32, chance: f64) -> Duration {
    let doubled = least.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(most).mul_f64(0.5 + chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn pauses_grow_to_the_longest() {
        let seconds = Duration::from_secs;
        let of = |failures| pause((seconds(1), seconds(5)), failures, 0.5);
        assert_eq!([1, 2, 3, 4, 1_000].map(of), [1, 2, 4, 5, 5].map(seconds));
        assert_eq!(pause((seconds(2), seconds(5)), 1, 0.0), seconds(1));
        assert_eq!(pause((seconds(2), seconds(5)), 1, 1.0), seconds(3));
    }
}
