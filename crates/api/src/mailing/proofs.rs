//! Addresses whose readers have said that it was they who want to add them, for clients that wait for it: the sessions of the
//! specification. In memory: whoever presses the button behind a link once more proves it once more.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use domain::directory::EmailAddress;
use parking_lot::Mutex;
use ruma::UInt;

/// How many of each are remembered; the oldest make room.
pub(crate) const PROOFS_MAX: usize = 1_000;
/// What one takes, bytes, roughly: an address, two copies of the name of a session, and what maps keep beside them.
pub(crate) const PROOF_BYTES: usize = 1_024;

/// What is remembered of sessions. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Proofs {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// The newest attempt of a client to have a message sent.
    attempts: Recent<UInt>,
    /// The address that was proved, and until when that counts, milliseconds since the epoch.
    proved: Recent<(EmailAddress, u64)>,
}

impl Proofs {
    /// Whether an attempt is newer than those that were noted (spec: `send_attempt`).
    pub(super) fn is_new(&self, session: &str, attempt: UInt) -> bool {
        self.inner.lock().attempts.by_id.get(session).is_none_or(|newest| *newest < attempt)
    }

    /// A message waits to be sent for an attempt.
    pub(super) fn note(&self, session: &str, attempt: UInt) {
        self.inner.lock().attempts.put(session, attempt);
    }

    /// The address of a session is proved until then.
    pub(super) fn prove(&self, session: &str, email: EmailAddress, until_ms: u64) {
        self.inner.lock().proved.put(session, (email, until_ms));
    }

    /// The address that was proved in a session.
    pub(super) fn proved(&self, session: &str, now_ms: u64) -> Option<EmailAddress> {
        let inner = self.inner.lock();
        inner.proved.by_id.get(session).filter(|(_, until_ms)| now_ms < *until_ms).map(|(email, _)| email.clone())
    }
}

/// Values by the names of sessions, the oldest of which make room.
struct Recent<T> {
    by_id: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Recent<T> {
    fn put(&mut self, session: &str, value: T) {
        if self.by_id.insert(session.to_owned(), value).is_none() {
            self.order.push_back(session.to_owned());
        }
        if self.order.len() > PROOFS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::directory::EmailAddress;
    use ruma::UInt;

    use super::{PROOFS_MAX, Proofs};

    #[test]
    fn what_is_remembered_has_a_bound_and_an_end() {
        let proofs = Proofs::default();
        let (email, one) = (EmailAddress::parse("a@h").unwrap(), UInt::from(1_u32));
        assert!(proofs.is_new("s", one) && proofs.is_new("s", one), "what was refused is asked for again");
        proofs.note("s", one);
        assert!(!proofs.is_new("s", one) && proofs.is_new("s", UInt::from(2_u32)));
        proofs.prove("s", email.clone(), 10);
        assert_eq!(
            (proofs.proved("s", 9), proofs.proved("s", 10), proofs.proved("t", 0)),
            (Some(email.clone()), None, None)
        );
        for number in 0..PROOFS_MAX {
            proofs.prove(&number.to_string(), email.clone(), 10);
            proofs.note(&number.to_string(), one);
        }
        let inner = proofs.inner.lock();
        assert_eq!((inner.proved.by_id.len(), inner.attempts.by_id.len()), (PROOFS_MAX, PROOFS_MAX));
        assert!(!inner.proved.by_id.contains_key("s"), "the oldest makes room");
    }
}
