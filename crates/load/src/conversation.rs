//! The two ends of a conversation: one sends marked messages, the other long-polls and looks for the marks.
//!
//! The receiver scans the answer for marks instead of parsing it: the load must stay cheap beside the server.

use std::{cell::RefCell, convert::Infallible, time::Duration};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Method;
use memchr::memmem;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use crate::{
    connection::{Connection, Target},
    setup::{Conversation, in_path},
};

/// How a message begins that this program sent: the mark, then its number in [`NUMBER_DIGITS`] digits.
const MARK: &str = "loadmessagenumber-";
const NUMBER_DIGITS: usize = 12;
/// The shortest body that holds a mark.
pub(crate) const MARKER_BYTES: usize = 32;
/// No presence, and a timeline long enough that a burst between two polls is never cut.
pub(crate) const FILTER: &str =
    "%7B%22presence%22%3A%7B%22types%22%3A%5B%5D%7D%2C%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A500%7D%7D%7D";

/// What is known of one message, all times since the phase began.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    /// When it was sent or, at a fixed rate, when it was due.
    pub(crate) due: Duration,
    pub(crate) replied: Option<Duration>,
    pub(crate) received: Option<Duration>,
}

/// The messages of one conversation in one phase, shared by its two ends on one thread.
pub(crate) struct Messages {
    began: Instant,
    list: RefCell<Vec<Message>>,
}

impl Messages {
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, list: RefCell::default() }
    }

    pub(crate) fn into_list(self) -> Vec<Message> {
        self.list.into_inner()
    }

    /// Messages that the server acknowledged and the receiver has not seen.
    pub(crate) fn missing(&self) -> usize {
        self.list.borrow().iter().filter(|message| message.replied.is_some() && message.received.is_none()).count()
    }

    /// When that is, since the phase began.
    pub(crate) fn since(&self, at: Instant) -> Duration {
        at - self.began
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Notes that a message is on its way, and answers its number.
    pub(crate) fn begin(&self, due: Duration) -> usize {
        let mut list = self.list.borrow_mut();
        list.push(Message { due, replied: None, received: None });
        list.len() - 1
    }

    pub(crate) fn note(&self, number: usize, change: impl FnOnce(&mut Message, Duration)) {
        if let Some(message) = self.list.borrow_mut().get_mut(number) {
            change(message, self.began.elapsed());
        }
    }
}

/// When a sender sends.
pub(crate) struct Schedule {
    /// Part of the transaction ids, which must be new in each phase.
    pub(crate) phase: String,
    /// Between two messages of one sender; without it a message follows when the one before is answered.
    pub(crate) interval: Option<Duration>,
    /// When the first message is due. Senders are spread over the interval.
    pub(crate) first: Duration,
    /// Nothing is sent after this.
    pub(crate) end: Duration,
}

/// Sends by the schedule, one message at a time.
pub(crate) async fn send(
    target: &Target,
    conversation: &Conversation,
    messages: &Messages,
    schedule: &Schedule,
    body_bytes: usize,
) -> Result<()> {
    let mut connection = target.connect().await?;
    let room = format!("/_matrix/client/v3/rooms/{}/send/m.room.encrypted", in_path(&conversation.room_id));
    let mut next = schedule.first;
    loop {
        if schedule.interval.is_some() {
            sleep_until(messages.began + next).await;
        }
        if messages.now() >= schedule.end {
            return Ok(());
        }
        let due = if schedule.interval.is_some() { next } else { messages.now() };
        let number = messages.begin(due);
        let path = format!("{room}/{}-{number}", schedule.phase);
        connection.expect(Method::PUT, &path, &conversation.sender_token, content(number, body_bytes)).await?;
        messages.note(number, |message, now| message.replied = Some(now));
        next += schedule.interval.unwrap_or_default();
    }
}

/// Looks like a Megolm message of a real client to everybody without the key.
pub(crate) fn content(number: usize, body_bytes: usize) -> Bytes {
    let mark = format!("{MARK}{number:0NUMBER_DIGITS$}");
    Bytes::from(format!(
        concat!(
            r#"{{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"{mark:A<width$}","device_id":"LOADDEVICE","#,
            r#""sender_key":"rPS9VMzxTHCmGYVGYEMx+XRRUdzAJzyCzxXCdpVwyFM","session_id":"k9yIwBRcjWlHQJyp0g+ELXwFnKqDUPJVu0rPpzFzMyA"}}"#
        ),
        mark = mark,
        width = body_bytes,
    ))
}

/// A receiver's place in its sync.
pub(crate) struct Receiver<'a> {
    connection: Connection,
    conversation: &'a Conversation,
    since: String,
}

#[derive(Deserialize)]
pub(crate) struct SyncAnswer {
    pub(crate) next_batch: String,
}

impl<'a> Receiver<'a> {
    /// Syncs once, so that what follows is new.
    pub(crate) async fn new(target: &Target, conversation: &'a Conversation) -> Result<Self> {
        let connection = target.connect().await?;
        let mut receiver = Self { connection, conversation, since: String::new() };
        receiver.poll(Duration::ZERO).await?;
        Ok(receiver)
    }

    /// The same place once more, on a connection of its own.
    pub(crate) async fn again(&self, target: &Target) -> Result<Self> {
        let connection = target.connect().await?;
        Ok(Self { connection, conversation: self.conversation, since: self.since.clone() })
    }

    /// Polls for ever and notes when each message came. Dropped when the phase is over.
    pub(crate) async fn receive(mut self, messages: &Messages) -> Result<Infallible> {
        loop {
            let answer = self.poll(Duration::from_secs(30)).await?;
            for number in marks(&answer) {
                messages.note(number, |message, now| _ = message.received.get_or_insert(now));
            }
        }
    }

    /// One sync, which the server may hold for `wait`.
    pub(crate) async fn poll(&mut self, wait: Duration) -> Result<Bytes> {
        let mut path = format!("/_matrix/client/v3/sync?filter={FILTER}&set_presence=offline&timeout={}", wait.as_millis());
        if !self.since.is_empty() {
            path = format!("{path}&since={}", in_path(&self.since));
        }
        let token = &self.conversation.receiver_token;
        let answer = self.connection.expect(Method::GET, &path, token, Bytes::new()).await?;
        let SyncAnswer { next_batch } = serde_json::from_slice(&answer).context("no next_batch in a sync")?;
        self.since = next_batch;
        Ok(answer)
    }
}

/// The numbers of the messages in an answer.
pub(crate) fn marks(answer: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memmem::find_iter(answer, MARK).filter_map(|start| {
        let digits = answer.get(start + MARK.len()..start + MARK.len() + NUMBER_DIGITS)?;
        str::from_utf8(digits).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::{content, marks};

    #[test]
    fn a_message_has_its_size_and_its_mark() {
        let content = content(7, 800);
        assert_eq!(marks(&content).collect::<Vec<_>>(), [7]);
        let json: serde_json::Value = serde_json::from_slice(&content).unwrap();
        assert_eq!(json["ciphertext"].as_str().unwrap().len(), 800);
    }

    #[test]
    fn marks_that_are_cut_or_no_numbers_are_passed_over() {
        assert_eq!(marks(b"loadmessagenumber-0000").count(), 0);
        assert_eq!(marks(b"loadmessagenumber-00000000000x loadmessagenumber-000000000012").collect::<Vec<_>>(), [12]);
    }
}
