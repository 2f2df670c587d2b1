//! How long to wait after a failure: each time twice as long, and by chance a little longer or shorter, so that those who failed together do
//! not come back together.

use std::time::Duration;

/// Pauses between tries.
#[derive(Debug)]
pub(super) struct Backoff {
    least: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    /// From the first pause to the longest.
    pub(super) fn new((least, most): (Duration, Duration)) -> Self {
        Self { least, most, next: least }
    }

    /// It worked: the next pause is the first one again.
    pub(super) fn reset(&mut self) {
        self.next = self.least;
    }

    /// The pause after one more failure. `chance` is from 0 to 1.
    pub(super) fn pause(&mut self, chance: f64) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.most);
        pause.mul_f64(0.5 + chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn pauses_grow_to_the_longest_and_begin_anew() {
        let seconds = Duration::from_secs;
        let mut backoff = Backoff::new((seconds(1), seconds(5)));
        let pauses: Vec<Duration> = (0..5).map(|_| backoff.pause(0.5)).collect();
        assert_eq!(pauses, [1, 2, 4, 5, 5].map(seconds));
        assert_eq!([backoff.pause(0.0), backoff.pause(1.0)], [seconds(5) / 2, seconds(5) * 3 / 2]);
        backoff.reset();
        assert_eq!(backoff.pause(0.5), seconds(1));
    }
}
