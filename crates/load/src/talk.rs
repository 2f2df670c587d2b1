//! A conversation of two people who both send and both long-poll, as clients do: what fails is tried again.

use std::{cell::Cell, net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::{
    connection::{Connection, Target},
    conversation::{FILTER, Message, Messages, SyncAnswer, content, marks},
    setup::in_path,
};

/// Bytes of what looks like ciphertext.
const BODY_BYTES: usize = 800;
/// How long a client waits before it tries again.
const AGAIN: Duration = Duration::from_millis(100);
/// How long a client waits for an answer before it gives the connection up: a poll longer than it may last.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_TIMEOUT: Duration = Duration::from_secs(40);
const POLL: &str = "30000";
/// How long after the last message people go on listening.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

/// Two people in one room.
pub(crate) struct Talk {
    room_id: String,
    people: [Person; 2],
}

struct Person {
    token: String,
    address: Ipv4Addr,
    /// What this person sends, and when the other got it.
    messages: Messages,
    /// Requests that were tried again, because of a refusal or a connection that broke.
    refused: Cell<usize>,
    broken: Cell<usize>,
}

impl Talk {
    pub(crate) fn new(room_id: String, tokens: [String; 2], addresses: [Ipv4Addr; 2], began: Instant) -> Self {
        let [one, other] = tokens;
        let person = |token, address| Person {
            token,
            address,
            messages: Messages::new(began),
            refused: Cell::new(0),
            broken: Cell::new(0),
        };
        Self { room_id, people: [person(one, addresses[0]), person(other, addresses[1])] }
    }

    /// Both talk until shortly before `end`, each with a message after every `every`.
    pub(crate) async fn go_on(&self, target: &Target, every: Duration, end: Instant) -> Result<()> {
        let [one, other] = &self.people;
        let last = end - DRAIN;
        let sending =
            async { tokio::try_join!(self.send(target, 0, every, last), self.send(target, 1, every, last)).map(drop) };
        let receiving = async { tokio::try_join!(one.receive(target, other, 1), other.receive(target, one, 0)).map(drop) };
        tokio::select! {
            failed = receiving => failed,
            sent = async { sending.await?; sleep_until(end).await; anyhow::Ok(()) } => sent,
        }
    }

    async fn send(&self, target: &Target, which: usize, every: Duration, last: Instant) -> Result<()> {
        let person = &self.people[which];
        let mut line = Line { target, person, connection: None };
        let path = format!("/_matrix/client/v3/rooms/{}/send/m.room.encrypted", in_path(&self.room_id));
        let mut next = Instant::now() + every / 2;
        while next < last {
            sleep_until(next).await;
            let number = person.messages.begin(person.messages.since(next));
            let marked = 2 * number + which;
            // The transaction id is the same each time, so what is tried again is there once.
            line.call(Method::PUT, &format!("{path}/soak-{marked}"), content(marked, BODY_BYTES), SEND_TIMEOUT).await?;
            person.messages.note(number, |message, now| message.replied = Some(now));
            next += every;
        }
        Ok(())
    }

    /// Every message, how many were acknowledged and not received, and how often something was tried again, refused and broken.
    pub(crate) fn outcome(self) -> (Vec<Message>, usize, [usize; 2]) {
        let lost = self.people.iter().map(|person| person.messages.missing()).sum();
        let again =
            [0, 1].map(|which| self.people.iter().map(|person| [&person.refused, &person.broken][which].get()).sum());
        (self.people.into_iter().flat_map(|person| person.messages.into_list()).collect(), lost, again)
    }
}

impl Person {
    /// Polls for ever, and notes when what `other` sent came. Theirs are marked with numbers of which `which` is the rest by two.
    async fn receive(&self, target: &Target, other: &Self, which: usize) -> Result<()> {
        let mut line = Line { target, person: self, connection: None };
        let mut since = String::new();
        loop {
            let wait = if since.is_empty() { "0" } else { POLL };
            let mut path = format!("/_matrix/client/v3/sync?filter={FILTER}&set_presence=offline&timeout={wait}");
            if !since.is_empty() {
                path = format!("{path}&since={}", in_path(&since));
            }
            let answer = line.call(Method::GET, &path, Bytes::new(), POLL_TIMEOUT).await?;
            let SyncAnswer { next_batch } = serde_json::from_slice(&answer).context("no next_batch in a sync")?;
            since = next_batch;
            for number in marks(&answer).filter(|marked| marked % 2 == which) {
                other.messages.note(number / 2, |message, now| _ = message.received.get_or_insert(now));
            }
        }
    }
}

/// A person's connection, made anew when it breaks.
struct Line<'a> {
    target: &'a Target,
    person: &'a Person,
    connection: Option<Connection>,
}

impl Line<'_> {
    /// Asks until there is an answer. What is refused as too much, or could not be served just now, is asked again.
    async fn call(&mut self, method: Method, path: &str, body: Bytes, most: Duration) -> Result<Bytes> {
        loop {
            match timeout(most, self.try_once(method.clone(), path, body.clone())).await {
                Ok(Ok((StatusCode::OK, answer))) => return Ok(answer),
                Ok(Ok((status, _))) if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                    self.person.refused.update(|times| times + 1);
                }
                Ok(Ok((status, answer))) => bail!("{path} answered {status}: {}", String::from_utf8_lossy(&answer)),
                Ok(Err(_)) | Err(_) => {
                    self.connection = None;
                    self.person.broken.update(|times| times + 1);
                }
            }
            sleep(AGAIN).await;
        }
    }

    async fn try_once(&mut self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes)> {
        if self.connection.is_none() {
            self.connection = Some(self.target.connect_from(self.person.address).await?);
        }
        let connection = self.connection.as_mut().context("it was just made")?;
        connection.call(method, path, &self.person.token, body).await
    }
}
