//! Messages that are there for a time, by a clock that only the test moves.

use serde_json::{Value, json};
use testkit::Blow;

use crate::http::{Server, ids};

async fn status(server: &Server, room: &str, event: &str) -> u16 {
    server.call("bob", "GET", &format!("v3/rooms/{room}/event/{event}"), Value::Null).await.status
}

/// A direct room with one message of alice that is to go in a minute.
async fn given() -> (Server, String, String) {
    let server = Server::with(&["alice", "bob"]).await;
    let room = server.room("alice", json!({ "preset": "trusted_private_chat", "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    let event = server.send("alice", &room, "t1", Value::Null).await;
    let path = format!("unstable/org.hearth.expiry/rooms/{room}/event/{event}");
    server.put("alice", &path, json!({ "expires_after_ms": 60_000 })).await;
    (server, room, event)
}

#[tokio::test]
async fn nobody_reads_a_message_from_its_moment_on() {
    let (server, room, event) = given().await;
    server.node.clock.advance(59_999);
    assert_eq!(status(&server, &room, &event).await, 200);
    server.node.clock.advance(1);
    assert_eq!(status(&server, &room, &event).await, 404);
    let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=100")).await;
    assert!(!ids(&page["chunk"]).contains(&event));
    assert_eq!(server.send("alice", &room, "t1", Value::Null).await, event, "the same transaction again sends nothing");
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn a_moment_that_passes_while_the_server_is_down_is_not_missed() {
    let (mut server, room, event) = given().await;
    server.node.clock.advance(60_000);
    server.crash();
    assert_eq!(status(&server, &room, &event).await, 404);
    // The lane is folded without the message: the next one stands behind it all the same.
    server.crash();
    server.send("bob", &room, "t2", Value::Null).await;
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn rooms_are_readable_while_the_log_takes_nothing() {
    let (server, room, event) = given().await;
    server.node.clock.advance(60_000);
    server.node.backend.strike_after(0, Blow::Full);
    assert_eq!(status(&server, &room, &event).await, 200, "what should have gone cannot go yet");
    assert_eq!(status(&server, &room, &event).await, 200, "not every request tries again");
    server.node.clock.advance(10_000);
    assert_eq!(status(&server, &room, &event).await, 404);
}
