//! What ignored people say reaches nobody who ignores them, by no endpoint and in no part of an answer (spec: "Ignoring
//! Users"). The table of reads is that of `outsiders.rs`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    http::{Server, escaped},
    outsiders::{MARKER, Stage, act, all_of, reads},
};

const LIST: &str = "v3/user/@alice:h/account_data/m.ignored_user_list";

async fn ignore(server: &Server, names: &[&str]) {
    let users: serde_json::Map<String, Value> = names.iter().map(|name| (format!("@{name}:h"), json!({}))).collect();
    server.put("alice", LIST, json!({ "ignored_users": users })).await;
}

/// An id as answers have it.
fn plain(id: &str) -> String {
    id.replace("%24", "$").replace("%21", "!").replace("%3A", ":")
}

/// A room that mallory made and bob and alice are in. What bob said early, everybody has seen.
async fn set() -> Stage {
    let server = Server::with(&["alice", "bob", "mallory"]).await;
    let invited = json!({ "preset": "private_chat", "invite": ["@alice:h", "@bob:h"] });
    let room = server.room("mallory", invited).await;
    let mut stage = Stage { server, room, early: Vec::new(), since: String::new(), pos: String::new() };
    act(&stage, "alice", "join", json!({})).await;
    act(&stage, "bob", "join", json!({})).await;
    for transaction in ["root", "edited", "redacted", "referred"] {
        let event = stage.server.send("bob", &stage.room, transaction, Value::Null).await;
        stage.early.push(event);
    }
    since_now(&mut stage).await;
    stage
}

/// What alice's clients know from now on.
async fn since_now(stage: &mut Stage) {
    let sync = stage.server.get("alice", "v3/sync?timeout=0").await;
    stage.since = sync["next_batch"].as_str().unwrap().to_owned();
    let (path, body) = all_of(None);
    stage.pos = stage.server.post("alice", &path, body).await["pos"].as_str().unwrap().to_owned();
}

/// Everything that mallory can say and do to be heard. Returns the ids of what was said.
async fn clamour(stage: &Stage) -> Vec<String> {
    let Stage { server, room, early, .. } = stage;
    let related = |rel_type: &str, to: &String| json!({ "rel_type": rel_type, "event_id": plain(to) });
    let mut events = Vec::new();
    for more in [
        json!({ "ciphertext": MARKER }),
        json!({ "ciphertext": MARKER, "m.relates_to": related("m.thread", &early[0]) }),
        json!({ "ciphertext": MARKER, "m.relates_to": related("m.replace", &early[1]) }),
        json!({ "ciphertext": MARKER, "m.relates_to": related("m.reference", &early[3]) }),
    ] {
        events.push(server.send("mallory", room, &format!("loud{}", events.len()), more).await);
    }
    let reaction = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": plain(&early[0]), "key": MARKER } });
    let sent = server.put("mallory", &format!("v3/rooms/{room}/send/m.reaction/1"), reaction).await;
    events.push(escaped(sent["event_id"].as_str().unwrap()));
    let path = format!("v3/rooms/{room}/redact/{}/1", early[2]);
    let redaction = server.put("mallory", &path, json!({ "reason": MARKER })).await;
    events.push(escaped(redaction["event_id"].as_str().unwrap()));
    server.post("mallory", &format!("v3/rooms/{room}/receipt/m.read/{}", early[1]), json!({})).await;
    let typing = json!({ "typing": true, "timeout": 30_000 });
    server.put("mallory", &format!("v3/rooms/{room}/typing/@mallory:h"), typing).await;
    let request = json!({ "from_device": MARKER, "methods": [], "timestamp": 1, "transaction_id": MARKER });
    let to_alice = json!({ "messages": { "@alice:h": { "PHONE": request } } });
    server.put("mallory", "v3/sendToDevice/m.key.verification.request/1", to_alice).await;
    server.room("mallory", json!({ "name": MARKER, "invite": ["@alice:h"] })).await;
    // An invitation that is taken back says something as well.
    let other = server.room("mallory", json!({ "invite": ["@alice:h"] })).await;
    let back = json!({ "user_id": "@alice:h", "reason": MARKER });
    server.post("mallory", &format!("v3/rooms/{other}/kick"), back).await;
    events
}

/// What of an answer must not be there.
fn heard(answer: &Value, events: &[String]) -> Vec<String> {
    let text = answer.to_string();
    let mut found: Vec<String> = events.iter().map(|id| plain(id)).filter(|id| text.contains(id)).collect();
    found.extend(
        [MARKER, "m.typing", "m.receipt"].iter().filter(|word| text.contains(**word)).map(|word| (*word).to_owned()),
    );
    found
}

#[tokio::test]
async fn nothing_is_heard_of_ignored_people() {
    let stage = set().await;
    ignore(&stage.server, &["mallory"]).await;
    let events = clamour(&stage).await;
    let topic = format!("v3/rooms/{}/state/m.room.topic/", stage.room);
    stage.server.put("mallory", &topic, json!({ "topic": "State is everybody's" })).await;
    for path in reads(&stage, &events) {
        let answer = stage.server.call("alice", "GET", &path, Value::Null).await;
        assert_eq!(heard(&answer.body, &events), [""; 0], "GET {path}: {}", answer.body);
    }
    for position in [Some(stage.pos.as_str()), None] {
        let (path, body) = all_of(position);
        let answer = stage.server.post("alice", &path, body).await;
        assert_eq!(heard(&answer, &events), [""; 0], "sliding sync {position:?}: {answer}");
        assert!(answer.to_string().contains("State is everybody's"), "{answer}");
    }
    let sync = stage.server.get("alice", &format!("v3/sync?timeout=0&since={}", stage.since)).await;
    assert!(sync.to_string().contains("State is everybody's"), "{sync}");
    // Who does not ignore hears it.
    let messages = stage.server.get("bob", &format!("v3/rooms/{}/messages?dir=b&limit=100", stage.room)).await;
    assert_eq!(heard(&messages, &events).len(), events.len() + 1, "{messages}");
}

#[tokio::test]
async fn ignored_messages_count_nowhere_and_push_nothing_out() {
    let mut stage = set().await;
    let mention = json!({ "m.mentions": { "user_ids": ["@alice:h"] } });
    let say = async |stage: &Stage, who: &str, number: usize| {
        plain(&stage.server.send(who, &stage.room, &format!("say{number}"), mention.clone()).await)
    };
    ignore(&stage.server, &["mallory"]).await;
    let read = format!("v3/rooms/{}/receipt/m.read/{}", stage.room, stage.early[3]);
    stage.server.post("alice", &read, json!({})).await;
    since_now(&mut stage).await;
    let of_bob = say(&stage, "bob", 0).await;
    for number in 1..30 {
        say(&stage, "mallory", number).await;
    }
    let sync = stage.server.get("alice", &format!("v3/sync?timeout=0&since={}", stage.since)).await;
    let room = &sync["rooms"]["join"][plain(&stage.room)];
    let told: Vec<&str> =
        room["timeline"]["events"].as_array().unwrap().iter().map(|e| e["event_id"].as_str().unwrap()).collect();
    assert_eq!(told, [&of_bob], "{room}");
    assert_ne!(room["timeline"]["limited"], true, "nothing is missing");
    assert_eq!(room["unread_notifications"], json!({ "notification_count": 1, "highlight_count": 1 }));
    let (path, body) = all_of(Some(&stage.pos));
    let sliding = stage.server.post("alice", &path, body).await;
    assert_eq!(sliding["rooms"][plain(&stage.room)]["notification_count"], 1, "{sliding}");
    assert_eq!(sliding["rooms"][plain(&stage.room)]["timeline"].as_array().unwrap().len(), 1);
    let notifications = stage.server.get("alice", "v3/notifications").await;
    assert!(notifications.to_string().contains(&of_bob), "{notifications}");
}

#[tokio::test]
async fn ignored_people_wake_nobody() {
    let mut stage = set().await;
    ignore(&stage.server, &["mallory"]).await;
    since_now(&mut stage).await;
    let wait = Duration::from_millis(400);
    let begun = Instant::now();
    let path = format!("v3/sync?timeout={}&since={}", wait.as_millis(), stage.since);
    let (sliding, body) = all_of(Some(&stage.pos));
    let sliding = sliding.replace("timeout=0", &format!("timeout={}", wait.as_millis()));
    let (sync, sliding, events) =
        tokio::join!(stage.server.get("alice", &path), stage.server.post("alice", &sliding, body), clamour(&stage));
    assert!(begun.elapsed() >= wait, "the polls waited");
    for answer in [&sync, &sliding] {
        assert_eq!(heard(answer, &events), [""; 0], "{answer}");
    }
    assert!(sync.get("rooms").is_none(), "{sync}");
    assert_eq!(sliding["rooms"], json!({}), "{sliding}");
}

#[tokio::test]
async fn who_is_no_longer_ignored_is_heard_again() {
    let mut stage = set().await;
    ignore(&stage.server, &["mallory"]).await;
    let events = clamour(&stage).await;
    since_now(&mut stage).await;
    ignore(&stage.server, &[]).await;
    let after = stage.server.send("mallory", &stage.room, "after", Value::Null).await;
    let after = plain(&after);
    let sync = stage.server.get("alice", &format!("v3/sync?timeout=0&since={}", stage.since)).await;
    assert_eq!(sync["rooms"]["invite"].as_object().unwrap().len(), 1, "the invitation stands: {sync}");
    let timeline = &sync["rooms"]["join"][plain(&stage.room)]["timeline"]["events"];
    let told: Vec<&str> = timeline.as_array().unwrap().iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    assert_eq!(told, [&after], "what was missed stays out of the stream");
    let (path, body) = all_of(Some(&stage.pos));
    let sliding = stage.server.post("alice", &path, body).await;
    assert!(sliding.to_string().contains("invite_state"), "{sliding}");
    for path in ["v3/sync?timeout=0".to_owned(), format!("v3/rooms/{}/messages?dir=b&limit=100", stage.room)] {
        let answer = stage.server.get("alice", &path).await;
        let found = heard(&answer, &events);
        assert!(events.iter().all(|event| found.contains(&plain(event))), "GET {path}: {answer}");
    }
}

#[tokio::test]
async fn a_list_is_read_as_far_as_it_makes_sense() {
    let stage = set().await;
    let is_heard = async |transaction: &str| {
        let event = stage.server.send("mallory", &stage.room, transaction, Value::Null).await;
        stage.server.call("alice", "GET", &format!("v3/rooms/{}/event/{event}", stage.room), Value::Null).await.status == 200
    };
    for (number, (list, expected)) in [
        (json!({ "ignored_users": { "@mallory:h": {} } }), false),
        (json!({ "ignored_users": { "@mallory:h": 1, "nobody": {} }, "more": [] }), false),
        (json!({ "ignored_users": ["@mallory:h"] }), true),
        (json!({ "ignored_users": null }), true),
        (json!({}), true),
    ]
    .into_iter()
    .enumerate()
    {
        stage.server.put("alice", LIST, list.clone()).await;
        assert_eq!(is_heard(&format!("read{number}")).await, expected, "{list}");
    }
    ignore(&stage.server, &["alice"]).await;
    let own = stage.server.send("alice", &stage.room, "own", Value::Null).await;
    stage.server.get("alice", &format!("v3/rooms/{}/event/{own}", stage.room)).await;
    for (people, status) in [(1_000, 200), (1_001, 413)] {
        let users: serde_json::Map<String, Value> = (0..people).map(|number| (format!("@u{number}:h"), json!({}))).collect();
        let answer = stage.server.call("alice", "PUT", LIST, json!({ "ignored_users": users })).await;
        assert_eq!(answer.status, status, "{people} people");
    }
}
