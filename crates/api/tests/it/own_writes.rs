//! The order of answers: what a device did itself it hears from the answer first, and from its syncs afterwards, which then have it.

use std::{cell::RefCell, collections::BTreeMap, future::Future, time::Duration};

use axum::body::Body;
use serde_json::{Value, json};

use crate::http::Server;

const ROOMS: usize = 334;

/// What bob's phone heard, in order: of what, and whether it was the answer.
type Heard = RefCell<Vec<(String, bool)>>;

fn plain(room: &str) -> String {
    room.replace("%21", "!").replace("%3A", ":")
}

/// Bob joins rooms, writes in them and leaves them.
async fn write(server: &Server, rooms: &[String], heard: &Heard) {
    for room in rooms {
        for (method, path, what) in [
            ("POST", format!("v3/join/{room}"), "join"),
            ("PUT", format!("v3/rooms/{room}/send/m.room.encrypted/1"), "send"),
            ("POST", format!("v3/rooms/{room}/leave"), "leave"),
        ] {
            let answer = server.ask("bob", method, &format!("/_matrix/client/{path}"), Body::from("{}")).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            heard.borrow_mut().push((format!("{what} {}", plain(room)), true));
        }
    }
    heard.borrow_mut().push(("end".to_owned(), true));
}

fn note(heard: &Heard, what: &str, room: &str) {
    heard.borrow_mut().push((format!("{what} {room}"), false));
}

fn is_over(heard: &Heard) -> bool {
    heard.borrow().iter().any(|(what, _)| what == "end")
}

/// What an answer says of rooms: that bob is in them, that he wrote in them, that he is in them no longer.
fn note_room(heard: &Heard, room: &str, timeline: &Value) {
    for event in timeline.as_array().into_iter().flatten().filter(|event| event["sender"] == "@bob:h") {
        match (event["type"].as_str(), event["content"]["membership"].as_str()) {
            (Some("m.room.encrypted"), _) => note(heard, "send", room),
            (Some("m.room.member"), Some(membership @ ("join" | "leave"))) => note(heard, membership, room),
            _ => {}
        }
    }
}

async fn sync(server: &Server, heard: &Heard) {
    let mut since = server.get("bob", "v3/sync").await["next_batch"].as_str().unwrap().to_owned();
    while !is_over(heard) {
        let news = server.get("bob", &format!("v3/sync?timeout=50&since={since}")).await;
        news["next_batch"].as_str().unwrap().clone_into(&mut since);
        for kind in ["join", "leave"] {
            for (room, told) in news["rooms"][kind].as_object().into_iter().flatten() {
                note_room(heard, room, &told["timeline"]["events"]);
            }
        }
    }
}

async fn slide(server: &Server, heard: &Heard) {
    let list = json!({ "ranges": [[0, 999]], "timeline_limit": 9, "required_state": [] });
    let body = || Body::from(json!({ "lists": { "all": list } }).to_string());
    let path = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=50";
    let mut pos = String::new();
    while !is_over(heard) {
        let news = server.ask("bob", "POST", &format!("{path}{pos}"), body()).await.ok();
        pos = format!("&pos={}", news["pos"].as_str().unwrap());
        for (room, told) in news["rooms"].as_object().into_iter().flatten() {
            note_room(heard, room, &told["timeline"]);
        }
    }
}

async fn all(one: impl Future<Output = ()>, other: impl Future<Output = ()>, third: impl Future<Output = ()>) {
    tokio::join!(one, other, third);
}

#[tokio::test]
async fn a_device_hears_of_what_it_did_from_the_answer_before_any_of_its_syncs() {
    let server = Server::with(&["alice", "bob"]).await;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(server.room("alice", json!({ "preset": "public_chat" })).await);
    }
    let heard = Heard::default();
    all(sync(&server, &heard), slide(&server, &heard), write(&server, &rooms, &heard)).await;
    let mut first = BTreeMap::new();
    for (what, is_answer) in heard.take() {
        first.entry(what).or_insert(is_answer);
    }
    let overtaken: Vec<_> = first.iter().filter(|(_, is_answer)| !**is_answer).collect();
    assert!(overtaken.is_empty(), "syncs were first with {overtaken:?}");
    assert_eq!(first.len(), 3 * ROOMS + 1);
}

/// Bob sends one message after the other, as a queue of them is sent: each is made when the one before was answered.
async fn chatter(server: &Server, room: &str, heard: &Heard) {
    for message in 0..300 {
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.room.encrypted/{message}");
        let sent = server.ask("bob", "PUT", &path, Body::from("{}")).await.ok();
        heard.borrow_mut().push((sent["event_id"].as_str().unwrap().to_owned(), true));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    heard.borrow_mut().push(("end".to_owned(), true));
}

/// Connections that are made anew tell again what was told before: had they not the newest, older messages would stand behind it.
async fn slide_anew(server: &Server, heard: &Heard) -> (usize, usize) {
    let list = json!({ "ranges": [[0, 9]], "timeline_limit": 9, "required_state": [] });
    let (mut answers, mut behind) = (0, 0);
    while !is_over(heard) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let body = Body::from(json!({ "lists": { "all": list } }).to_string());
        let path = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
        let news = server.ask("bob", "POST", path, body).await.ok();
        if let Some((newest, _)) = heard.borrow().iter().rfind(|(what, _)| what != "end") {
            answers += 1;
            behind += usize::from(!news["rooms"].to_string().contains(newest));
        }
    }
    (answers, behind)
}

#[tokio::test]
async fn what_a_device_was_answered_is_in_what_its_sync_tells_afterwards() {
    let server = Server::with(&["bob"]).await;
    let room = server.room("bob", json!({})).await;
    let heard = Heard::default();
    let ((), (answers, behind)) = tokio::join!(chatter(&server, &room, &heard), slide_anew(&server, &heard));
    assert!(answers > 5, "{answers}");
    assert_eq!(behind, 0, "of {answers} answers");
}
