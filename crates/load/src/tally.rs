//! How often each kind of request was made, and what it was answered.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::StatusCode;

/// Counts by the name of a kind of request. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Tally(Arc<Mutex<BTreeMap<String, Count>>>);

#[derive(Clone, Default)]
struct Count {
    tries: u64,
    answers: BTreeMap<u16, u64>,
}

impl Tally {
    /// Counts a request that was sent.
    pub(crate) fn tried(&self, name: &str) {
        self.change(name, |count| count.tries += 1);
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, name: &str, status: StatusCode) {
        self.change(name, |count| *count.answers.entry(status.as_u16()).or_default() += 1);
    }

    /// Counts a request and its answer, if one came.
    pub(crate) fn note(&self, name: &str, answer: Option<StatusCode>) {
        self.tried(name);
        answer.into_iter().for_each(|status| self.answered(name, status));
    }

    /// Answers of any status.
    pub(crate) fn answers(&self, name: &str) -> u64 {
        self.of(name).answers.values().sum()
    }

    /// Tries, how many these were in each second of `during`, and answers by status.
    pub(crate) fn line(&self, name: &str, during: Duration) -> String {
        let Count { tries, answers } = self.of(name);
        let mut line = format!("{tries}, {:.0} a second", tries as f64 / during.as_secs_f64());
        for (status, times) in answers {
            // Writing to a string does not fail.
            _ = write!(line, "; {status}: {times}");
        }
        line
    }

    fn of(&self, name: &str) -> Count {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Count)) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            change(count);
        } else {
            change(counts.entry(name.to_owned()).or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;

    use super::Tally;

    #[test]
    fn what_was_answered_stands_beside_what_was_tried() {
        let tally = Tally::default();
        tally.tried("a");
        tally.note("a", Some(StatusCode::OK));
        tally.note("a", Some(StatusCode::TOO_MANY_REQUESTS));
        tally.note("b", None);
        assert_eq!(tally.line("a", Duration::from_secs(2)), "3, 2 a second; 200: 1; 429: 1");
        assert_eq!((tally.answers("a"), tally.answers("b"), tally.answers("c")), (2, 0, 0));
    }
}
