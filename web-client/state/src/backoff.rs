//! How long to wait before a server that did not answer is asked again. Knows no clock and draws no dice.

/// The pause after the second failure in a row; it doubles with each further one.
const FIRST_MS: u32 = 2_000;
/// The longest pause.
const LONGEST_MS: u32 = 30_000;
/// By up to one part in so many a pause is shorter, so that not everybody asks at the moment the server is back.
const JITTER: u32 = 7;
/// After so long without a failure the next one counts as the first.
const FORGOTTEN_MS: f64 = 90_000.0;

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Backoff {
    failures: u32,
    last_ms: f64,
}

impl Backoff {
    /// Counts a failure at `now_ms` and answers how many milliseconds to wait before the next try: none after the first,
    /// then 2 s, doubling up to 30 s. `dice` is any number, another one each time.
    pub fn failed(&mut self, now_ms: f64, dice: u32) -> u32 {
        if now_ms - self.last_ms > FORGOTTEN_MS {
            self.failures = 0;
        }
        self.last_ms = now_ms;
        self.failures = self.failures.saturating_add(1);
        let Some(doublings) = self.failures.checked_sub(2) else { return 0 };
        let pause_ms = FIRST_MS.saturating_mul(1 << doublings.min(4)).min(LONGEST_MS);
        pause_ms - dice % (pause_ms / JITTER)
    }

    /// There was an answer: the next failure is the first again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;

    /// The pauses of `count` failures, each right after the pause before.
    fn pauses(dice: u32, count: usize) -> Vec<u32> {
        let mut backoff = Backoff::default();
        let mut now_ms = 1_000_000.0;
        let mut pause = || {
            let pause_ms = backoff.failed(now_ms, dice);
            now_ms += f64::from(pause_ms);
            pause_ms
        };
        (0..count).map(|_| pause()).collect()
    }

    #[test]
    fn pauses_double_and_stay_bounded() {
        assert_eq!(pauses(0, 9), [0, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
        let mut backoff = Backoff { failures: u32::MAX, last_ms: 0.0 };
        assert_eq!(backoff.failed(0.0, 0), 30_000);
    }

    #[test]
    fn chance_shortens_a_pause_a_little_and_never_lengthens_it() {
        for dice in (0..u32::MAX).step_by(7_919_173) {
            for (chance, most) in pauses(dice, 8).iter().zip(pauses(0, 8)) {
                assert!(*chance <= most && *chance >= most - most / 7, "{chance} of {most}");
            }
        }
        assert_ne!(pauses(1_234, 8), pauses(99_999, 8));
    }

    #[test]
    fn in_ten_minutes_nobody_asks_more_than_twenty_eight_times() {
        for dice in (0..u32::MAX).step_by(7_919_173) {
            let mut at_ms = 0;
            let all = pauses(dice, 100);
            let asked = all.iter().take_while(|pause_ms| {
                at_ms += **pause_ms;
                at_ms <= 600_000
            });
            assert!(asked.count() <= 28);
        }
    }

    #[test]
    fn an_answer_and_a_long_time_without_failures_start_over() {
        let mut backoff = Backoff::default();
        let first_three = |backoff: &mut Backoff, at_ms: f64| [0.0, 1.0, 2.0].map(|more| backoff.failed(at_ms + more, 0));
        assert_eq!(first_three(&mut backoff, 500_000.0), [0, 2_000, 4_000]);
        backoff.succeeded();
        assert_eq!(first_three(&mut backoff, 500_003.0), [0, 2_000, 4_000]);
        assert_eq!(first_three(&mut backoff, 600_003.0), [0, 2_000, 4_000]);
    }
}
