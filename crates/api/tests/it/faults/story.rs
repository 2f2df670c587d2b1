//! What two people do on the server while one call fails, and what must be there at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::{Call, Strikes, TestDevice};
use views::outbox::pending;

use super::client::Stage;
use crate::http::{escaped, ids};

/// Longer than the server puts off what it could not erase, milliseconds.
const LATER_MS: u64 = 20_000;
/// More than the story has.
const RECORDS_MAX: usize = 500;

/// Tells the story and checks its end. Returns the server, and how often it made each call before the storages were checked.
pub(crate) async fn tell(strikes: Strikes) -> (Stage, BTreeMap<Call, usize>) {
    let mut stage = Stage::set(strikes);
    for name in ["alice", "bob"] {
        stage.sign_up(name).await;
    }
    let room = meet(&mut stage).await;
    let mut kept = vec![send(&mut stage, &room, "first").await];
    redact(&mut stage, &room).await;
    expire(&mut stage, &room).await;
    claim_keys(&mut stage).await;
    to_device(&mut stage).await;
    stage.put("alice", "v3/profile/%40alice%3Ah/displayname", json!({ "displayname": "Alice B." })).await;
    stage.settle().await;
    stage.restart();
    kept.push(send(&mut stage, &room, "second").await);
    check(&mut stage, &room, &kept).await;
    let calls = stage.server.node.strikes().calls();
    check_storages(&stage);
    (stage, calls)
}

/// A room of both.
async fn meet(stage: &mut Stage) -> String {
    let body = json!({ "preset": "trusted_private_chat", "invite": ["@bob:h"] });
    let created = stage.post("alice", "v3/createRoom", body).await;
    let room = escaped(created["room_id"].as_str().unwrap());
    stage.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    room
}

/// Sends a message, and once more as if the answer had been lost: it is the same event.
async fn send(stage: &mut Stage, room: &str, transaction: &str) -> String {
    let path = format!("v3/rooms/{room}/send/m.room.encrypted/{transaction}");
    let content = json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": transaction });
    let sent = stage.put("alice", &path, content.clone()).await;
    assert_eq!(stage.put("alice", &path, content).await, sent, "the same transaction is the same event");
    escaped(sent["event_id"].as_str().unwrap())
}

async fn redact(stage: &mut Stage, room: &str) {
    let event = send(stage, room, "redacted").await;
    let path = format!("v3/rooms/{room}/redact/{event}/r1");
    let redaction = stage.put("alice", &path, json!({})).await;
    assert_eq!(stage.put("alice", &path, json!({})).await, redaction);
    let left = stage.get("bob", &format!("v3/rooms/{room}/event/{event}")).await;
    assert_eq!(left["content"], json!({}));
}

async fn expire(stage: &mut Stage, room: &str) {
    let event = send(stage, room, "expired").await;
    let path = format!("unstable/org.hearth.expiry/rooms/{room}/event/{event}");
    stage.put("alice", &path, json!({ "expires_after_ms": 10 })).await;
    // The first look may fail; the next one comes by itself.
    for _ in 0..2 {
        stage.server.node.clock.advance(LATER_MS);
        stage.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=1")).await;
    }
}

/// Bob's keys are given out, each once.
async fn claim_keys(stage: &mut Stage) {
    let device = TestDevice::new("@bob:h".try_into().unwrap(), "PHONE".into(), 1);
    // One more than are claimed, because a claim whose answer was lost has its key for itself.
    let keys = (0..3).map(|number| device.one_time_key(number).unwrap());
    let keys: serde_json::Map<String, Value> = keys.map(|(id, key)| (id, serde_json::to_value(key).unwrap())).collect();
    let body = json!({ "device_keys": device.identity().unwrap(), "one_time_keys": keys });
    stage.post("bob", "v3/keys/upload", body).await;
    let mut given = BTreeSet::new();
    for _ in 0..2 {
        let body = json!({ "one_time_keys": { "@bob:h": { "PHONE": "signed_curve25519" } } });
        let claimed = stage.post("alice", "v3/keys/claim", body).await;
        let keys = claimed["one_time_keys"]["@bob:h"]["PHONE"].as_object().unwrap();
        assert!(keys.keys().all(|id| given.insert(id.clone())), "{given:?} were given out before {claimed}");
    }
}

/// A message to Bob's device, which he gets once; he shows that he has it.
async fn to_device(stage: &mut Stage) {
    let body = json!({ "messages": { "@bob:h": { "PHONE": { "ciphertext": "for the phone" } } } });
    for _ in 0..2 {
        stage.put("alice", "v3/sendToDevice/m.room.encrypted/d1", body.clone()).await;
    }
    let first = stage.get("bob", "v3/sync?timeout=0").await;
    assert_eq!(first["to_device"]["events"].as_array().map(Vec::len), Some(1), "{first}");
    let path = format!("v3/sync?timeout=0&since={}", first["next_batch"].as_str().unwrap());
    for _ in 0..2 {
        let next = stage.get("bob", &path).await;
        assert!(next["to_device"]["events"].as_array().is_none_or(Vec::is_empty), "it came again: {next}");
    }
}

/// What both were told is so.
async fn check(stage: &mut Stage, room: &str, kept: &[String]) {
    let page = stage.get("bob", &format!("v3/rooms/{room}/messages?dir=f&limit=100")).await;
    let is_message = |event: &&Value| event["content"]["ciphertext"].is_string();
    let messages: Value = page["chunk"].as_array().unwrap().iter().filter(is_message).cloned().collect();
    assert_eq!(ids(&messages), kept, "each that is kept, once and in order: {page}");
    let member = stage.get("bob", &format!("v3/rooms/{room}/state/m.room.member/%40alice%3Ah")).await;
    assert_eq!(member["displayname"], "Alice B.");
}

/// What was erased is erased, the log is whole, and folding it anew gives the live rows and the states that lanes start from.
fn check_storages(stage: &Stage) {
    let node = &stage.server.node;
    let engine = node.engine().unwrap();
    assert_eq!(pending(&*engine.rows(), 0, 1).unwrap(), [], "nothing is left to do");
    node.verify().unwrap();
    for payload in node.payloads(RECORDS_MAX).unwrap() {
        for erased in ["redacted", "expired", "for the phone"] {
            assert!(!payload.contains(&format!("\"ciphertext\":\"{erased}\"")), "still in the log: {payload}");
        }
    }
    assert_eq!(node.replay_difference().unwrap(), None);
    let snapshots = node.check_snapshots().unwrap();
    assert!(snapshots.used > 0 && snapshots.different.is_empty(), "{snapshots:?}");
}
