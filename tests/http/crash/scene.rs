//! Who is on the server and where they meet.

use std::sync::Arc;

use anyhow::{Result, bail};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::{Map, Value, json};
use vodozemac::Ed25519SecretKey;

use super::traffic::CLAIMS_A_ROUND;
use crate::keys::{Device, curve25519, signed};

/// Rooms that a new name of Alice's goes into.
const ROOMS: usize = 20;
/// Rooms that everybody may enter.
const HALLS: usize = 5;

#[derive(Clone)]
pub(super) struct Scene {
    pub(super) alice: Person,
    pub(super) bob: Person,
    /// Signs Bob's keys.
    secret: Arc<Ed25519SecretKey>,
    /// Where both write.
    pub(super) room: String,
    /// All of Alice's rooms.
    pub(super) alices: Vec<String>,
    /// Those of them that everybody may enter.
    pub(super) halls: Vec<String>,
}

impl Scene {
    pub(super) async fn set(server: &Server) -> Result<Self> {
        let (alice, bob) = (Person::sign_up(server, "alice").await?, Person::sign_up(server, "bob").await?);
        let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
        bob.demand(Method::POST, &format!("v3/rooms/{room}/join"), Some(json!({}))).await?;
        let (mut alices, mut halls) = (vec![room.clone()], Vec::new());
        for n in 0..ROOMS {
            let preset = if n < HALLS { "public_chat" } else { "private_chat" };
            alices.push(alice.create_room(json!({ "preset": preset })).await?);
            if n < HALLS {
                halls.extend(alices.last().cloned());
            }
        }
        let device = Device::new(&bob);
        bob.demand(Method::POST, "v3/keys/upload", Some(json!({ "device_keys": device.identity()? }))).await?;
        let secret = Arc::new(device.secret);
        Ok(Self { alice, bob, secret, room, alices, halls })
    }

    /// Bob's one-time keys for the claims of a round.
    pub(super) async fn upload_keys(&self, round: u64) -> Result<()> {
        let key_id = format!("ed25519:{}", self.bob.device_id);
        let mut keys = Map::new();
        for n in 0..CLAIMS_A_ROUND {
            let key = signed(json!({ "key": curve25519() }), &self.bob.user_id, &key_id, &self.secret)?;
            keys.insert(format!("signed_curve25519:R{round}K{n}"), key);
        }
        self.bob.demand(Method::POST, "v3/keys/upload", Some(json!({ "one_time_keys": keys }))).await?;
        Ok(())
    }

    /// The same after the server was started again.
    pub(super) fn reconnected(self) -> Self {
        Self { alice: self.alice.reconnected(), bob: self.bob.reconnected(), ..self }
    }
}

/// A request that the server may not live to answer; then there is none. It answers nothing but that all is well.
pub(super) async fn attempt(who: &Person, method: Method, path: &str, body: Value) -> Result<Option<Value>> {
    match who.ask(method.clone(), path, Some(body)).await {
        // The beginning of an answer is none.
        Ok(answer) if answer.status == 200 => Ok(Some(answer.json).filter(Value::is_object)),
        Ok(answer) => bail!("{method} {path}: {} {}", answer.status, answer.json),
        Err(_) => Ok(None),
    }
}
