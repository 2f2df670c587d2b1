//! Wrong passwords, by the thousand, whether they are answered or not: who guesses does not wait.

use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use http::StatusCode;
use memchr::memmem;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::tcp::{OwnedReadHalf, OwnedWriteHalf},
    task::AbortHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use super::client::{Answer, Client};
use crate::{address::address, connection::Target, tally::Tally};

/// Of all clients together, in a second.
pub(super) const PER_SECOND: u32 = 2_000;
/// Guesses that one client writes at once.
const AT_ONCE: u32 = 5;
/// Guesses of one address, after which the next one has its turn: the first ones of an address wait for a hash, the others are refused
/// at once.
const OF_ONE_ADDRESS: u32 = 400;
/// Answers that one address may owe: it waits for a hash, and guesses come from another one meanwhile.
const UNANSWERED_MAX: u32 = 10;
/// Addresses of a client that guess in turn. Of all clients they are more than the hashes that a server lets wait.
const LINES_MAX: usize = 12;
/// A connection that takes nothing for so long is given up.
const STUCK: Duration = Duration::from_millis(50);
/// How the status line of an answer begins, and the bytes of it that are looked at.
const VERSION: &[u8] = b"HTTP/1.1 ";
const STATUS_BYTES: usize = VERSION.len() + 3;

/// Guesses for ever, from one address after the other.
pub(super) async fn guess(client: &Client<'_>, name: &str, tally: &Tally) -> Result<Answer> {
    let [_, kind, ..] = client.from.octets();
    let mut ticks = interval(Duration::from_secs(1) * client.clients * AT_ONCE / PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut lines, mut turn) = (VecDeque::<Line>::new(), client.round);
    loop {
        ticks.tick().await;
        let free = lines.iter().position(Line::is_free);
        let line = match free.and_then(|at| lines.remove(at)) {
            Some(line) => line,
            None => {
                let from = address(kind, client.number + turn * client.clients);
                turn = turn.wrapping_add(1);
                Line::open(client.target, from, name, tally).await?
            }
        };
        (0..AT_ONCE).for_each(|_| tally.tried(name));
        if let Ok(line) = line.write(client.target).await {
            lines.push_back(line);
        }
        if lines.len() > LINES_MAX {
            lines.pop_front();
        }
    }
}

/// A connection from an address of its own, and the task that reads its answers.
struct Line {
    writer: OwnedWriteHalf,
    reader: AbortHandle,
    sent: u32,
    answered: Arc<AtomicU32>,
}

impl Line {
    async fn open(target: &Target, from: Ipv4Addr, name: &str, tally: &Tally) -> Result<Self> {
        let (reader, writer) = target.open_from(from, None).await?.into_split();
        let answered = Arc::new(AtomicU32::new(0));
        let reading = read(reader, Arc::clone(&answered), name.to_owned(), tally.clone());
        Ok(Self { writer, reader: tokio::spawn(reading).abort_handle(), sent: 0, answered })
    }

    fn is_free(&self) -> bool {
        let unanswered = self.sent.saturating_sub(self.answered.load(Ordering::Relaxed));
        unanswered < UNANSWERED_MAX && self.sent < OF_ONE_ADDRESS
    }

    async fn write(mut self, target: &Target) -> Result<Self> {
        let requests: String = (self.sent..self.sent + AT_ONCE).map(|number| request(target.authority(), number)).collect();
        timeout(STUCK, self.writer.write_all(requests.as_bytes())).await.context("nothing is taken")??;
        self.sent += AT_ONCE;
        Ok(self)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn request(host: &str, number: u32) -> String {
    let body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": format!("soak-guess-{number}") },
        "password": "wrong",
    })
    .to_string();
    let head = "POST /_matrix/client/v3/login HTTP/1.1\r\nContent-Type: application/json\r\n";
    format!("{head}Host: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Counts the answers of a connection until it is closed.
async fn read(mut reader: OwnedReadHalf, answered: Arc<AtomicU32>, name: String, tally: Tally) {
    let mut unread = Vec::new();
    while reader.read_buf(&mut unread).await.is_ok_and(|bytes| bytes > 0) {
        for status in take_statuses(&mut unread) {
            answered.fetch_add(1, Ordering::Relaxed);
            tally.answered(&name, status);
        }
    }
}

/// Takes the status lines out of what was received. One of which a part is there stays.
fn take_statuses(unread: &mut Vec<u8>) -> Vec<StatusCode> {
    let lines = memmem::find_iter(unread, VERSION).map(|start| start..start + STATUS_BYTES);
    let whole: Vec<_> = lines.filter(|line| line.end <= unread.len()).collect();
    let statuses =
        whole.iter().filter_map(|line| StatusCode::from_bytes(&unread[line.start + VERSION.len()..line.end]).ok());
    let statuses = statuses.collect();
    let read = whole.last().map_or(0, |line| line.end).max(unread.len().saturating_sub(STATUS_BYTES - 1));
    unread.drain(..read);
    statuses
}

#[cfg(test)]
mod tests {
    use super::take_statuses;

    #[test]
    fn answers_are_counted_once_however_they_are_cut() {
        let answers = b"HTTP/1.1 429 Too Many Requests\r\n\r\n{}HTTP/1.1 403 Forbidden\r\n\r\n{\"errcode\":\"M_FORBIDDEN\"}";
        for size in 1..answers.len() {
            let mut unread = Vec::new();
            let mut statuses = Vec::new();
            for piece in answers.chunks(size) {
                unread.extend_from_slice(piece);
                statuses.extend(take_statuses(&mut unread).iter().map(|status| status.as_u16()));
            }
            assert_eq!(statuses, [429, 403], "in pieces of {size}");
        }
    }
}
