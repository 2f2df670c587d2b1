//! Sends what waits, one after another, for as long as the process runs.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::Instant;

use crate::{
    backoff::pause,
    letter::Compose,
    queue::{Due, Queue, WISH_AGE_MS_MAX},
    relay::{Relay, Trouble},
};

/// How fast it is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The pause after the first failure, and the longest one; each is twice the one before, by chance up to half longer or shorter.
    pub retry: (Duration, Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self { retry: (Duration::from_secs(5), Duration::from_secs(3_600)) }
    }
}

/// Sends what waits, and what comes to wait, until `stopped`: the message that is under way then is the last one. `now_ms` is the time,
/// milliseconds since the epoch.
///
/// A message that is taken is forgotten; if the process dies in between, it is sent once more with the same id.
pub async fn send_all(
    queue: Queue,
    relay: Relay,
    compose: impl Compose,
    (pace, now_ms): (Pace, impl Fn() -> u64 + Send),
    stopped: impl Future<Output = ()> + Send,
) {
    let mut held_back = HeldBack::default();
    let mut stopped = pin!(stopped);
    loop {
        let due = tokio::select! {
            biased;
            () = &mut stopped => return,
            due = queue.due() => due,
        };
        if now_ms().saturating_sub(due.wish.at_ms) > WISH_AGE_MS_MAX {
            tracing::warn!(mail.what = ?due.wish.what, "a message could not be sent for half a day and is given up");
            queue.done(due).await;
            continue;
        }
        let letter = match compose.compose(&due.wish) {
            Ok(Some(letter)) => letter,
            Ok(None) => {
                queue.done(due).await;
                continue;
            }
            Err(error) => {
                tracing::debug!(mail.error = %error, "a message cannot be written yet");
                later(&queue, &due, pace);
                continue;
            }
        };
        // What nobody is to get has gone by now, also while the mail server is away.
        if let Some(until) = held_back.until.filter(|until| *until > Instant::now()) {
            queue.put_off(&due, until);
            continue;
        }
        let sent = relay.send(&due.wish.to, &due.name, &letter).await;
        held_back.note(&sent, pace);
        settle(&queue, due, sent, pace, &held_back).await;
    }
}

/// Until when nothing is tried, because nothing would be taken.
#[derive(Default)]
struct HeldBack {
    failures: u32,
    until: Option<Instant>,
}

impl HeldBack {
    fn note(&mut self, sent: &Result<(), Trouble>, pace: Pace) {
        match sent {
            Err(Trouble::Relay(_)) => {
                self.failures = self.failures.saturating_add(1);
                self.until = Some(Instant::now() + pause(pace.retry, self.failures, rand::random()));
            }
            Ok(()) | Err(Trouble::Later(_) | Trouble::Refused(_)) => *self = Self::default(),
        }
    }
}

async fn settle(queue: &Queue, due: Due, sent: Result<(), Trouble>, pace: Pace, held_back: &HeldBack) {
    match sent {
        Ok(()) => {
            tracing::debug!(mail.what = ?due.wish.what, "a message was taken by the mail server");
            queue.done(due).await;
        }
        Err(Trouble::Refused(why)) => {
            tracing::warn!(mail.what = ?due.wish.what, mail.why = why, "a message is not taken and is given up");
            queue.done(due).await;
        }
        Err(Trouble::Later(why)) => {
            tracing::info!(mail.what = ?due.wish.what, mail.why = why, "a message is sent later");
            later(queue, &due, pace);
        }
        Err(Trouble::Relay(why)) => {
            tracing::warn!(mail.why = why, mail.waiting = queue.len(), "no mail goes out; trying again");
            queue.put_off(&due, held_back.until.unwrap_or_else(Instant::now));
        }
    }
}

fn later(queue: &Queue, due: &Due, pace: Pace) {
    queue.later(due, |failures| pause(pace.retry, failures, rand::random()));
}
