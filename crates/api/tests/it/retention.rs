//! What is older than an admin wants to keep goes, by a clock that only the test moves, and what holds rooms together stays.

use std::time::Duration;

use axum::body::Body;
use engine::Ended;
use serde_json::{Value, json};
use testkit::Blow;

use crate::http::{Server, ids};

const DAY: Duration = Duration::from_secs(86_400);
const MARKER: &str = "marker-90ab";
/// More than a story has.
const RECORDS_MAX: usize = 10_000;

async fn upload(server: &Server, who: &str, bytes: &str) -> String {
    let answer = server.ask(who, "POST", "/_matrix/media/v3/upload", Body::from(bytes.to_owned())).await.ok();
    answer["content_uri"].as_str().unwrap().to_owned()
}

async fn is_there(server: &Server, uri: &str) -> bool {
    let address = uri.trim_start_matches("mxc://");
    server.raw("bob", &format!("/_matrix/client/v1/media/download/{address}")).await.0 == 200
}

/// Ids of all events, newest first.
async fn timeline(server: &Server, room: &str) -> Vec<String> {
    let (mut all, mut from) = (Vec::new(), String::new());
    loop {
        let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=100{from}")).await;
        all.extend(ids(&page["chunk"]));
        let Some(end) = page["end"].as_str() else { return all };
        from = format!("&from={end}");
    }
}

async fn end_old(server: &Server) -> Ended {
    server.node.engine().unwrap().end_old(DAY).await.unwrap()
}

/// A room in which much was said, and nothing since.
struct Story {
    server: Server,
    room: String,
    /// Messages, oldest first.
    said: Vec<String>,
    redacted: String,
    /// Files: of a message, a person's picture, the room's picture.
    files: [String; 3],
}

/// Both say more than is looked at together.
async fn lived() -> Story {
    let server = Server::with(&["alice", "bob"]).await;
    let room = server.room("alice", json!({ "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    let mut said = Vec::new();
    for n in 0..250 {
        said.push(server.send(["alice", "bob"][n % 2], &room, &format!("t{n}"), json!({ "ciphertext": MARKER })).await);
    }
    let redacted = server.send("alice", &room, "oops", json!({ "ciphertext": MARKER })).await;
    server.put("alice", &format!("v3/rooms/{room}/redact/{redacted}/r"), json!({})).await;
    let files =
        [upload(&server, "alice", "secret").await, upload(&server, "alice", "me").await, upload(&server, "bob", "us").await];
    server.put("alice", "v3/profile/@alice:h/avatar_url", json!({ "avatar_url": files[1] })).await;
    server.put("alice", &format!("v3/rooms/{room}/state/m.room.avatar"), json!({ "url": files[2] })).await;
    Story { server, room, said, redacted, files }
}

#[tokio::test]
async fn what_is_old_goes_and_what_is_not_stays() {
    let Story { mut server, room, said, redacted, files } = lived().await;
    server.node.clock.advance(86_399_999);
    assert_eq!(end_old(&server).await, Ended::default(), "nothing is a day old");
    let young = server.send("bob", &room, "young", Value::Null).await;
    let late = upload(&server, "bob", "late").await;
    let before = timeline(&server, &room).await;
    server.node.clock.advance(2);

    assert_eq!(end_old(&server).await, Ended { messages: said.len(), files: 1 });
    let left: Vec<String> = before.into_iter().filter(|id| !said.contains(id)).collect();
    assert!(left.contains(&young) && left.contains(&redacted), "{left:?}");
    assert_eq!(timeline(&server, &room).await, left);
    for (uri, stays) in [(&files[0], false), (&files[1], true), (&files[2], true), (&late, true)] {
        assert_eq!(is_there(&server, uri).await, stays, "{uri}");
    }
    assert!(!server.node.payloads(RECORDS_MAX).unwrap().concat().contains(MARKER));
    assert_eq!(end_old(&server).await, Ended::default(), "again there is nothing to do");

    // A repeated request sends nothing twice, the room goes on, and the log explains all of it.
    assert_eq!(server.send("alice", &room, "t0", json!({ "ciphertext": MARKER })).await, said[0]);
    server.crash();
    let next = server.send("alice", &room, "next", Value::Null).await;
    assert_eq!(timeline(&server, &room).await.first(), Some(&next));
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn a_look_that_is_broken_off_goes_on_later() {
    let Story { server, room, said, .. } = lived().await;
    server.node.clock.advance(86_400_001);
    server.node.backend.strike_after(1, Blow::Full);
    assert!(server.node.engine().unwrap().end_old(DAY).await.is_err(), "the disk was full in the middle");
    let left = timeline(&server, &room).await;
    let gone = said.iter().filter(|id| !left.contains(id)).count();
    assert!(gone > 0 && gone < said.len(), "{gone} of {}", said.len());
    assert_eq!(end_old(&server).await, Ended { messages: said.len() - gone, files: 1 });
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn with_a_record_that_does_not_read_no_file_goes() {
    let Story { mut server, files, .. } = lived().await;
    server.append_raw(&[("user:@alice:h", "media.uploaded", r#"{"unknown":1}"#)]);
    server.node.clock.advance(86_400_001);
    assert!(server.node.engine().unwrap().end_old(DAY).await.is_err());
    assert!(is_there(&server, &files[0]).await);
}

#[tokio::test]
async fn a_room_that_fails_keeps_no_other_waiting() {
    let Story { mut server, room, said, .. } = lived().await;
    // A message that stands in the log under another room than its own, which comes first and was never made.
    let plain = |id: &str| id.replace("%21", "!").replace("%3A", ":").replace("%24", "$");
    let payloads = server.node.payloads(RECORDS_MAX).unwrap();
    let message = payloads.iter().find(|payload| payload.contains(MARKER)).unwrap();
    let lost = message.replace(&plain(&room), "!0lost:h").replace(&plain(&said[0]), "$lost");
    server.append_raw(&[("room:!1other:h", "room.pdu", &lost)]);
    server.node.clock.advance(86_400_001);
    assert!(views::rooms::next_room(&*server.node.engine().unwrap().rows(), None).unwrap().unwrap() == "!0lost:h");
    assert_eq!(end_old(&server).await, Ended { messages: said.len(), files: 1 });
}
