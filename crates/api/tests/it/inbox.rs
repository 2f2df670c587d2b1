//! A device's inbox has room for so much of each sender.

use serde_json::{Value, json};

use crate::http::{Answer, Server};

/// What one message comes to, its type included.
const MESSAGE_BYTES: usize = 60_000;
/// What waits for a device from one sender.
const SHARE_BYTES: usize = 4 << 20;

async fn send(server: &Server, who: &str, transaction: usize, to: &[&str]) -> Answer {
    let event_type = "m.room.encrypted";
    let frame = json!({ "c": "" }).to_string().len() + event_type.len();
    let content = json!({ "c": "x".repeat(MESSAGE_BYTES - frame) });
    let messages: Value = to.iter().map(|name| (format!("@{name}:h"), json!({ "*": content }))).collect();
    server.call(who, "PUT", &format!("v3/sendToDevice/{event_type}/{transaction}"), json!({ "messages": messages })).await
}

/// Fetches what waits; with `since` the device shows to have what came before.
async fn fetch(server: &Server, who: &str, since: &str) -> (usize, String) {
    let news = server.get(who, &format!("v3/sync?timeout=0&since={since}")).await;
    let events = news["to_device"]["events"].as_array().map_or(0, Vec::len);
    (events, news["next_batch"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn who_has_filled_an_inbox_waits_until_the_device_has_fetched_and_nobody_else_does() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let start = server.get("bob", "v3/sync?timeout=0").await["next_batch"].as_str().unwrap().to_owned();
    let start_of_carol = server.get("carol", "v3/sync?timeout=0").await["next_batch"].as_str().unwrap().to_owned();
    let most = SHARE_BYTES / MESSAGE_BYTES;
    for transaction in 0..most {
        assert_eq!(send(&server, "alice", transaction, &["bob"]).await.status, 200);
    }
    let refused = send(&server, "alice", most, &["bob", "carol"]).await;
    assert_eq!((refused.status, refused.errcode()), (429, "M_LIMIT_EXCEEDED"));
    assert_eq!(refused.body["retry_after_ms"], 10_000);
    assert_eq!(fetch(&server, "carol", &start_of_carol).await.0, 0, "all or nothing");
    assert_eq!(send(&server, "alice", 0, &["bob"]).await.status, 200, "it was done before");
    assert_eq!(send(&server, "alice", most + 1, &["carol"]).await.status, 200, "another device has its own room");
    assert_eq!(send(&server, "carol", 0, &["bob"]).await.status, 200, "another sender has its own share");
    assert_eq!(send(&server, "bob", 0, &["bob"]).await.status, 200, "and so has the owner");

    let (events, next) = fetch(&server, "bob", &start).await;
    assert_eq!(events, most + 2);
    fetch(&server, "bob", &next).await;
    assert_eq!(send(&server, "alice", most, &["bob", "carol"]).await.status, 200, "the same request again");
    assert_eq!(fetch(&server, "bob", &next).await.0, 1);
    assert_eq!(fetch(&server, "carol", &start_of_carol).await.0, 2);
}
