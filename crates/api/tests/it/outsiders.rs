//! Whoever is not in a room is told nothing that was said or done there while they were out, by no endpoint and in no
//! part of an answer.

use serde_json::{Value, json};

use crate::http::{Server, escaped};

/// Stands in everything that outsiders must not see.
pub(crate) const MARKER: &str = "MARKER";
/// The name and topic that the room gets while they are out: shown to those whom it invites and who may knock, in the
/// room's preview.
const PREVIEW: &str = "PREVIEW";

/// How somebody is not in a room.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outsider {
    Never,
    Invited,
    Declined,
    Left,
    Forgot,
    Kicked,
    Banned,
    Knocked,
}

const OUTSIDERS: [Outsider; 8] = [
    Outsider::Never,
    Outsider::Invited,
    Outsider::Declined,
    Outsider::Left,
    Outsider::Forgot,
    Outsider::Kicked,
    Outsider::Banned,
    Outsider::Knocked,
];

/// A room of alice and carol; bob is the outsider.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) room: String,
    /// Messages that bob may have seen: the root of a thread, one that is edited, one that is redacted, one that is
    /// referred to.
    pub(crate) early: Vec<String>,
    /// What bob's clients know from before.
    pub(crate) since: String,
    pub(crate) pos: String,
}

/// Sliding sync of everything there is, from the start or from a position.
pub(crate) fn all_of(position: Option<&str>) -> (String, Value) {
    let query = position.map(|pos| format!("&pos={pos}")).unwrap_or_default();
    let list = json!({ "ranges": [[0, 99]], "timeline_limit": 50, "required_state": [["*", "*"]] });
    let on = json!({ "enabled": true });
    let extensions = json!({ "to_device": on, "e2ee": on, "account_data": on, "receipts": on, "typing": on });
    let body = json!({ "lists": { "all": list }, "extensions": extensions });
    (format!("unstable/org.matrix.simplified_msc3575/sync?timeout=0{query}"), body)
}

pub(crate) async fn act(stage: &Stage, who: &str, action: &str, body: Value) {
    stage.server.post(who, &format!("v3/rooms/{}/{action}", stage.room), body).await;
}

async fn set(outsider: Outsider, visibility: &str) -> Stage {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let state = |event_type: &str, content: Value| json!({ "type": event_type, "state_key": "", "content": content });
    let room = server
        .room(
            "alice",
            json!({
                "preset": "private_chat", "invite": ["@carol:h"], "name": "a room",
                "initial_state": [
                    state("m.room.history_visibility", json!({ "history_visibility": visibility })),
                    state("m.room.join_rules", json!({ "join_rule": "knock" })),
                ],
            }),
        )
        .await;
    let mut stage = Stage { server, room, early: Vec::new(), since: String::new(), pos: String::new() };
    act(&stage, "carol", "join", json!({})).await;
    let was_in = matches!(outsider, Outsider::Left | Outsider::Forgot | Outsider::Kicked | Outsider::Banned);
    if was_in || matches!(outsider, Outsider::Invited | Outsider::Declined) {
        act(&stage, "alice", "invite", json!({ "user_id": "@bob:h" })).await;
    }
    if was_in {
        act(&stage, "bob", "join", json!({})).await;
    }
    for transaction in ["root", "edited", "redacted", "referred"] {
        let event = stage.server.send("alice", &stage.room, transaction, Value::Null).await;
        stage.early.push(event);
    }
    let sync = stage.server.get("bob", "v3/sync?timeout=0").await;
    stage.since = sync["next_batch"].as_str().unwrap().to_owned();
    let (path, body) = all_of(None);
    stage.pos = stage.server.post("bob", &path, body).await["pos"].as_str().unwrap().to_owned();
    leave(&stage, outsider).await;
    stage
}

async fn leave(stage: &Stage, outsider: Outsider) {
    let bob = json!({ "user_id": "@bob:h" });
    match outsider {
        Outsider::Never | Outsider::Invited => {}
        Outsider::Declined | Outsider::Left => act(stage, "bob", "leave", json!({})).await,
        Outsider::Forgot => {
            act(stage, "bob", "leave", json!({})).await;
            act(stage, "bob", "forget", json!({})).await;
        }
        Outsider::Kicked => act(stage, "alice", "kick", bob).await,
        Outsider::Banned => act(stage, "alice", "ban", bob).await,
        Outsider::Knocked => {
            stage.server.post("bob", &format!("v3/knock/{}", stage.room), json!({})).await;
        }
    }
}

/// Says and does things while bob is out. Returns the ids of the events.
async fn go_on(stage: &Stage) -> Vec<String> {
    let Stage { server, room, early, .. } = stage;
    let plain = |id: &String| id.replace("%24", "$");
    let related = |rel_type: &str, to: &String| json!({ "rel_type": rel_type, "event_id": plain(to) });
    let mut events = Vec::new();
    for (transaction, more) in [
        ("plain", json!({ "ciphertext": MARKER })),
        ("reply", json!({ "ciphertext": MARKER, "m.relates_to": related("m.thread", &early[0]) })),
        ("edit", json!({ "ciphertext": MARKER, "m.relates_to": related("m.replace", &early[1]) })),
        ("reference", json!({ "ciphertext": MARKER, "m.relates_to": related("m.reference", &early[3]) })),
    ] {
        events.push(server.send("alice", room, transaction, more).await);
    }
    let reaction = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": plain(&early[0]), "key": MARKER } });
    let sent = server.put("carol", &format!("v3/rooms/{room}/send/m.reaction/1"), reaction).await;
    events.push(escaped(sent["event_id"].as_str().unwrap()));
    let path = format!("v3/rooms/{room}/redact/{}/1", early[2]);
    let redaction = server.put("alice", &path, json!({ "reason": MARKER })).await;
    events.push(escaped(redaction["event_id"].as_str().unwrap()));
    for (event_type, content) in [
        ("m.room.topic", json!({ "topic": PREVIEW })),
        ("m.room.name", json!({ "name": PREVIEW })),
        ("org.example.secret", json!({ "secret": MARKER })),
    ] {
        let set = server.put("alice", &format!("v3/rooms/{room}/state/{event_type}/"), content).await;
        events.push(escaped(set["event_id"].as_str().unwrap()));
    }
    server.post("carol", &format!("v3/rooms/{room}/receipt/m.read/{}", events[0]), json!({})).await;
    let typing = format!("v3/rooms/{room}/typing/@carol:h");
    server.put("carol", &typing, json!({ "typing": true, "timeout": 30_000 })).await;
    events
}

/// Everything that somebody can ask about the room.
pub(crate) fn reads(stage: &Stage, events: &[String]) -> Vec<String> {
    let Stage { room, early, since, .. } = stage;
    let mut paths: Vec<String> = [
        "v3/sync?timeout=0".to_owned(),
        format!("v3/sync?timeout=0&since={since}"),
        "v3/sync?timeout=0&full_state=true".to_owned(),
        format!("v3/sync?timeout=0&full_state=true&since={since}"),
        format!(
            "v3/sync?timeout=0&filter={}",
            r#"{"room":{"include_leave":true}}"#.replace('{', "%7B").replace('}', "%7D").replace('"', "%22")
        ),
        "v3/notifications".to_owned(),
        "v3/joined_rooms".to_owned(),
        "v3/publicRooms".to_owned(),
        format!("v1/room_summary/{room}"),
        format!("v1/rooms/{room}/hierarchy"),
        format!("v1/rooms/{room}/threads"),
        format!("v1/rooms/{room}/threads?include=participated"),
        format!("v1/rooms/{room}/timestamp_to_event?ts=9999999999999&dir=b"),
        format!("v3/rooms/{room}/messages?dir=b&limit=100"),
        format!("v3/rooms/{room}/messages?dir=f&limit=100"),
        format!("v3/rooms/{room}/messages?dir=f&limit=100&from={since}"),
        format!("v3/rooms/{room}/state"),
        format!("v3/rooms/{room}/state/m.room.topic/"),
        format!("v3/rooms/{room}/state/org.example.secret/"),
        format!("v3/rooms/{room}/members"),
        format!("v3/rooms/{room}/joined_members"),
        format!("v3/rooms/{room}/aliases"),
        format!("v3/rooms/{room}/initialSync"),
    ]
    .into();
    for event in early.iter().chain(events) {
        paths.push(format!("v3/rooms/{room}/event/{event}"));
        paths.push(format!("v3/rooms/{room}/context/{event}?limit=100"));
        paths.push(format!("v1/rooms/{room}/relations/{event}"));
        paths.push(format!("v1/rooms/{room}/relations/{event}?recurse=true"));
        for rel_type in ["m.thread", "m.replace", "m.reference", "m.annotation"] {
            paths.push(format!("v1/rooms/{room}/relations/{event}/{rel_type}"));
        }
    }
    paths
}

/// What of an answer must not be there.
fn leaks(answer: &Value, events: &[String], has_preview: bool) -> Vec<String> {
    let text = answer.to_string();
    let mut found: Vec<String> = events.iter().map(|id| id.replace("%24", "$")).filter(|id| text.contains(id)).collect();
    found.extend(text.contains(MARKER).then(|| MARKER.to_owned()));
    found.extend((!has_preview && text.contains(PREVIEW)).then(|| PREVIEW.to_owned()));
    found.extend(text.contains("m.typing").then(|| "typing".to_owned()));
    found
}

#[tokio::test]
async fn outsiders_are_told_nothing_of_what_went_on_without_them() {
    for visibility in ["shared", "joined"] {
        for outsider in OUTSIDERS {
            let stage = set(outsider, visibility).await;
            let events = go_on(&stage).await;
            let insider = stage.server.get("carol", &format!("v3/rooms/{}/messages?dir=b&limit=100", stage.room)).await;
            assert!(leaks(&insider, &events, false).len() == events.len() + 2, "those inside see it: {insider}");
            for path in reads(&stage, &events) {
                let answer = stage.server.call("bob", "GET", &path, Value::Null).await;
                let has_preview = matches!(outsider, Outsider::Invited | Outsider::Knocked)
                    || path.contains("room_summary")
                    || path.contains("hierarchy");
                let leaks = leaks(&answer.body, &events, has_preview);
                assert!(leaks.is_empty(), "{outsider:?}, {visibility}, GET {path}: {leaks:?} in {}", answer.body);
            }
            // From the start comes last: it ends what the connection had told.
            for position in [Some(stage.pos.as_str()), None] {
                let (path, body) = all_of(position);
                let answer = stage.server.call("bob", "POST", &path, body).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                let has_preview = matches!(outsider, Outsider::Invited | Outsider::Knocked);
                let leaks = leaks(&answer.body, &events, has_preview);
                assert!(
                    leaks.is_empty(),
                    "{outsider:?}, {visibility}, sliding sync {position:?}: {leaks:?} in {}",
                    answer.body
                );
            }
        }
    }
}
