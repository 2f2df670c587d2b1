//! What clients send as fast as they can until the server is killed.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    scene::{Scene, attempt},
    told::Told,
};

/// Those with even numbers are Alice, those with odd ones Bob.
const SENDERS: usize = 6;
/// Sends to Bob's device every other time.
const TO_DEVICE: usize = 0;
/// Lets each of its messages be erased.
const ERASING: usize = 2;
/// Claims Bob's keys first.
const CLAIMING: usize = 3;
/// Keys claimed in a round, at most.
pub(super) const CLAIMS_A_ROUND: usize = 3;
/// What begins the content of messages that are to be erased.
pub(super) const PASSING: &str = "passing-";

/// One request that a client sends until it is acknowledged. Its id is `round-sender-count`, which is the transaction's too.
#[derive(Clone, Debug)]
pub(super) enum Request {
    /// A message to the room.
    Message(String),
    /// A message to Bob's device.
    ToDevice(String),
    /// Takes back the message of this id.
    Redact(String),
    /// Lets the message of this id expire, now.
    Expire(String),
}

/// What the message of this id says.
pub(super) fn marker(id: &str) -> String {
    if sender(id) == Some(ERASING) { format!("{PASSING}{id}-") } else { id.to_owned() }
}

fn sender(id: &str) -> Option<usize> {
    id.split('-').nth(1).and_then(|number| number.parse().ok())
}

fn content(id: &str) -> Value {
    json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": marker(id), "session_id": "s"})
}

impl Request {
    /// The request of this number.
    fn of(round: u64, sender: usize, count: usize) -> Self {
        let id = |count: usize| format!("{round}-{sender}-{count}");
        match (sender, count % 4) {
            (TO_DEVICE, 0 | 2) => Self::ToDevice(id(count)),
            (ERASING, 1) => Self::Redact(id(count - 1)),
            (ERASING, 3) => Self::Expire(id(count - 1)),
            _ => Self::Message(id(count)),
        }
    }

    /// Sends once. Says whether it was acknowledged.
    pub(super) async fn send(&self, scene: &Scene, told: &mut Told) -> Result<bool> {
        let room = &scene.room;
        match self {
            Self::Message(id) => {
                let who = if sender(id).is_some_and(|number| number % 2 == 0) { &scene.alice } else { &scene.bob };
                let path = format!("v3/rooms/{room}/send/m.room.encrypted/{id}");
                let Some(answer) = attempt(who, Method::PUT, &path, content(id)).await? else { return Ok(false) };
                told.message(id, answer["event_id"].as_str().context("an event id")?)?;
            }
            Self::ToDevice(id) => {
                let path = format!("v3/sendToDevice/m.room.encrypted/{id}");
                let body = json!({"messages": {&scene.bob.user_id: {&scene.bob.device_id: content(id)}}});
                let Some(_) = attempt(&scene.alice, Method::PUT, &path, body).await? else { return Ok(false) };
                told.to_device.insert(id.clone());
            }
            Self::Redact(id) => {
                let path = format!("v3/rooms/{room}/redact/{}/r{id}", told.event(id)?);
                let Some(_) = attempt(&scene.alice, Method::PUT, &path, json!({})).await? else { return Ok(false) };
                told.erased.insert(id.clone());
            }
            Self::Expire(id) => {
                let path = format!("unstable/org.hearth.expiry/rooms/{room}/event/{}", told.event(id)?);
                let answer = scene.alice.ask(Method::PUT, &path, Some(json!({"expires_after_ms": 0}))).await;
                let Some(answer) = answer.ok().filter(|answer| answer.json.is_object()) else { return Ok(false) };
                // Asked again it may have gone: then the first request was recorded, and only its answer was lost.
                ensure!(answer.status == 200 || answer.code() == Some("M_NOT_FOUND"), "{self:?}: {answer:?}");
                told.erased.insert(id.clone());
            }
        }
        Ok(true)
    }
}

/// Claims a key of Bob's. Says whether it was acknowledged; a claim that was not is not repeated.
async fn claim(scene: &Scene, told: &mut Told) -> Result<bool> {
    let body = json!({"one_time_keys": {&scene.bob.user_id: {&scene.bob.device_id: "signed_curve25519"}}});
    let Some(answer) = attempt(&scene.alice, Method::POST, "v3/keys/claim", body).await? else { return Ok(false) };
    let keys = answer["one_time_keys"][&scene.bob.user_id][&scene.bob.device_id].as_object();
    for key_id in keys.context("a key")?.keys() {
        told.claim(key_id)?;
    }
    Ok(true)
}

/// Senders at work.
pub(super) struct Traffic(JoinSet<Result<(Told, Option<Request>)>>);

impl Traffic {
    pub(super) fn start(scene: &Scene, round: u64) -> Self {
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            senders.spawn(send_until_killed(scene.clone(), round, sender));
        }
        Self(senders)
    }

    /// The server was killed. Returns what was not acknowledged and is to be repeated.
    pub(super) async fn end(mut self, told: &mut Told) -> Result<Vec<Request>> {
        let mut unanswered = Vec::new();
        while let Some(sender) = self.0.join_next().await {
            let (by_sender, request) = sender??;
            told.add(by_sender)?;
            unanswered.extend(request);
        }
        ensure!(unanswered.len() + 1 >= SENDERS, "every sender but the one that claims has a request under way");
        Ok(unanswered)
    }
}

async fn send_until_killed(scene: Scene, round: u64, sender: usize) -> Result<(Told, Option<Request>)> {
    let mut told = Told::default();
    if sender == CLAIMING {
        for _ in 0..CLAIMS_A_ROUND {
            if !claim(&scene, &mut told).await? {
                return Ok((told, None));
            }
        }
    }
    for count in 0.. {
        let request = Request::of(round, sender, count);
        if !request.send(&scene, &mut told).await? {
            return Ok((told, Some(request)));
        }
    }
    unreachable!("the server is killed before that")
}
