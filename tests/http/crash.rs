//! kill -9 at random moments under load: what was acknowledged is there once, and folding the log anew gives the same rows.
//!
//! `HEARTH_CRASH_SEED` sets the moments, `HEARTH_CRASH_ROUNDS` how many of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use blackbox::{Person, Server};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const ROUNDS: u64 = 50;
const SENDERS_EACH: usize = 3;
/// The server lives this long under load, in milliseconds, before it is killed.
const LIFE_MS: std::ops::Range<u64> = 5..250;
/// The log is folded anew after so many rounds, and at the end.
const CHECK_EVERY: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9() -> Result<()> {
    let seed = number("HEARTH_CRASH_SEED")?.unwrap_or_else(rand::random);
    let rounds = number("HEARTH_CRASH_ROUNDS")?.unwrap_or(ROUNDS);
    run(seed, rounds).await.with_context(|| format!("HEARTH_CRASH_SEED={seed}"))
}

fn number(name: &str) -> Result<Option<u64>> {
    std::env::var(name).ok().map(|text| text.parse().with_context(|| format!("{name} is not a number"))).transpose()
}

/// One request that a client sends until it is acknowledged. Its id is the transaction's and stands in the content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Request {
    /// A message to the room.
    Message(String),
    /// A message to Bob's device.
    ToDevice(String),
}

/// What clients were told: acknowledged messages with their event ids, and acknowledged messages to Bob's device.
#[derive(Default)]
struct Told {
    messages: BTreeMap<String, String>,
    to_device: BTreeSet<String>,
}

#[derive(Clone)]
struct Scene {
    alice: Person,
    bob: Person,
    room: String,
}

async fn run(seed: u64, rounds: u64) -> Result<()> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let mut server = Server::start(&[])?;
    let mut scene = Scene::set(&server).await?;
    let mut told = Told::default();
    for round in 0..rounds {
        let life = Duration::from_millis(random.random_range(LIFE_MS));
        let unanswered = scene.load(&mut server, round, life, &mut told).await?;
        let check = (round + 1) % CHECK_EVERY == 0;
        if check {
            check_log(&server)?;
        }
        server.restart()?;
        scene = Scene { alice: scene.alice.reconnected(), bob: scene.bob.reconnected(), room: scene.room };
        for request in unanswered {
            scene.send(&request, &mut told).await.with_context(|| format!("round {round}: {request:?} again"))?;
        }
        // Repeated after it was acknowledged: the same event, not another one. One of this round, as a client would:
        // a room remembers a bounded number of transactions.
        let of_round = format!("{round}-");
        let newest = told.messages.keys().rfind(|marker| marker.starts_with(&of_round)).cloned();
        if let Some(marker) = newest {
            scene.send(&Request::Message(marker), &mut told).await?;
        }
    }
    scene.check_room(&told).await?;
    scene.check_inbox(&told).await?;
    ensure!(told.messages.len() as u64 > rounds, "too little load: {} messages", told.messages.len());
    server.kill()?;
    check_log(&server)
}

/// The log verifies and gives the live rows. The server is not running.
fn check_log(server: &Server) -> Result<()> {
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    Ok(())
}

impl Scene {
    async fn set(server: &Server) -> Result<Self> {
        let (alice, bob) = (Person::sign_up(server, "alice").await?, Person::sign_up(server, "bob").await?);
        let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
        bob.demand(Method::POST, &format!("v3/rooms/{room}/join"), Some(json!({}))).await?;
        Ok(Self { alice, bob, room })
    }

    /// Lets both send as fast as they can until the server is killed. Returns what was not acknowledged.
    async fn load(&self, server: &mut Server, round: u64, life: Duration, told: &mut Told) -> Result<Vec<Request>> {
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS_EACH * 2 {
            let scene = self.clone();
            senders.spawn(async move {
                let mut told = Told::default();
                for count in 0.. {
                    let marker = format!("{round}-{sender}-{count}");
                    let request =
                        if sender == 0 && count % 2 == 0 { Request::ToDevice(marker) } else { Request::Message(marker) };
                    if scene.send(&request, &mut told).await.is_err() {
                        return (told, request);
                    }
                }
                unreachable!("the server is killed before that")
            });
        }
        tokio::time::sleep(life).await;
        server.kill()?;
        let mut unanswered = Vec::new();
        while let Some(sender) = senders.join_next().await {
            let (by_sender, request) = sender?;
            told.messages.extend(by_sender.messages);
            told.to_device.extend(by_sender.to_device);
            unanswered.push(request);
        }
        Ok(unanswered)
    }

    /// Sends once. Alice sends for even senders and to devices, Bob for odd ones.
    async fn send(&self, request: &Request, told: &mut Told) -> Result<()> {
        match request {
            Request::Message(marker) => {
                let is_even = marker.split('-').nth(1).and_then(|n| n.parse::<usize>().ok()).is_some_and(|n| n % 2 == 0);
                let sender = if is_even { &self.alice } else { &self.bob };
                let path = format!("v3/rooms/{}/send/m.room.encrypted/{marker}", self.room);
                let answer = sender.demand(Method::PUT, &path, Some(content(marker))).await?;
                let event_id = answer["event_id"].as_str().context("an event id")?.to_owned();
                let known = told.messages.entry(marker.clone()).or_insert_with(|| event_id.clone());
                ensure!(*known == event_id, "{marker} was acknowledged as {known} and as {event_id}");
            }
            Request::ToDevice(marker) => {
                let path = format!("v3/sendToDevice/m.room.encrypted/{marker}");
                let body = json!({"messages": {&self.bob.user_id: {&self.bob.device_id: content(marker)}}});
                self.alice.demand(Method::PUT, &path, Some(body)).await?;
                told.to_device.insert(marker.clone());
            }
        }
        Ok(())
    }

    /// The room's history has every acknowledged message under its event id, and no marker twice.
    async fn check_room(&self, told: &Told) -> Result<()> {
        let (mut found, mut from) = (BTreeMap::new(), String::new());
        loop {
            let path = format!("v3/rooms/{}/messages?dir=b&limit=200{from}", self.room);
            let page = self.bob.demand(Method::GET, &path, None).await?;
            for event in page["chunk"].as_array().context("a chunk")? {
                if let Some(marker) = event["content"]["ciphertext"].as_str() {
                    let event_id = event["event_id"].as_str().context("an event id")?;
                    let twice = found.insert(marker.to_owned(), event_id.to_owned());
                    ensure!(twice.is_none(), "{marker} is in the room twice");
                }
            }
            match page["end"].as_str() {
                Some(end) => from = format!("&from={end}"),
                None => break,
            }
        }
        ensure!(found == told.messages, "the room has {} messages, {} were acknowledged", found.len(), told.messages.len());
        Ok(())
    }

    /// Bob's device gets every acknowledged message once.
    async fn check_inbox(&self, told: &Told) -> Result<()> {
        let (mut received, mut since) = (BTreeSet::new(), String::new());
        loop {
            let page = self.bob.demand(Method::GET, &format!("v3/sync?timeout=0{since}"), None).await?;
            let events = page["to_device"]["events"].as_array().cloned().unwrap_or_default();
            if events.is_empty() && !since.is_empty() {
                break;
            }
            for event in &events {
                let marker = event["content"]["ciphertext"].as_str().context("a marker")?;
                ensure!(received.insert(marker.to_owned()), "{marker} came twice");
            }
            since = format!("&since={}", page["next_batch"].as_str().context("a token")?);
        }
        ensure!(received == told.to_device, "{} arrived, {} were acknowledged", received.len(), told.to_device.len());
        Ok(())
    }
}

fn content(marker: &str) -> Value {
    json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": marker, "session_id": "s"})
}
