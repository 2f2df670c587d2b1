//! What is unread in threads, and receipts for them.

use serde_json::{Value, json};

use super::{escaped, together};
use crate::http::Server;

fn plain(id: &str) -> String {
    id.replace("%21", "!").replace("%3A", ":").replace("%24", "$").replace("%2B", "+").replace("%2F", "/")
}

/// What a first sync says is unread: in the room or its main timeline, and by thread.
async fn unread(server: &Server, room: &str, by_thread: bool) -> (Value, Value) {
    let filter = json!({ "room": { "timeline": { "unread_thread_notifications": by_thread } } }).to_string();
    let filter = filter.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let sync = server.get("bob", &format!("v3/sync?filter={filter}")).await;
    let joined = &sync["rooms"]["join"][plain(room)];
    let counts = |of: &Value| json!([of["notification_count"], of["highlight_count"]]);
    let threads: serde_json::Map<String, Value> =
        joined["unread_thread_notifications"].as_object().cloned().unwrap_or_default();
    let threads = threads.into_iter().map(|(root, of)| (root, counts(&of))).collect();
    (counts(&joined["unread_notifications"]), Value::Object(threads))
}

#[tokio::test]
async fn a_receipt_of_a_thread_reads_that_thread_and_no_more() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let mention = json!({ "m.mentions": { "user_ids": ["@bob:h"] } });
    let root = server.send("alice", &room, "root", json!({})).await;
    let thread = plain(&root);
    let reply = async |transaction: &str, mentions: bool| {
        let mut content = if mentions { mention.clone() } else { json!({}) };
        content["m.relates_to"] = json!({ "rel_type": "m.thread", "event_id": thread });
        server.send("alice", &room, transaction, content).await
    };
    let first = reply("first", false).await;
    let second = reply("second", true).await;
    let main = server.send("alice", &room, "main", mention.clone()).await;
    let third = reply("third", false).await;
    for (event, kind, of, whole, in_main, in_thread) in [
        (&root, "m.read.private", Some("main"), json!([4, 2]), json!([1, 1]), json!([3, 1])),
        (&first, "m.read", Some(thread.as_str()), json!([3, 2]), json!([1, 1]), json!([2, 1])),
        (&main, "m.read", None, json!([1, 0]), json!([0, 0]), json!([1, 0])),
        (&third, "m.read", Some(thread.as_str()), json!([0, 0]), json!([0, 0]), Value::Null),
        (&second, "m.read", Some(thread.as_str()), json!([0, 0]), json!([0, 0]), Value::Null),
    ] {
        let body = of.map_or(json!({}), |thread| json!({ "thread_id": thread }));
        server.post("bob", &format!("v3/rooms/{room}/receipt/{kind}/{event}"), body).await;
        assert_eq!(unread(&server, &room, false).await, (whole, json!({})), "after {of:?} {event}");
        let threads = if in_thread.is_null() { json!({}) } else { json!({ &thread: in_thread }) };
        assert_eq!(unread(&server, &room, true).await, (in_main, threads), "after {of:?} {event}");
    }
    let more = reply("more", false).await;
    server.put("alice", &format!("v3/rooms/{room}/redact/{more}/1"), json!({})).await;
    assert_eq!(unread(&server, &room, true).await, (json!([0, 0]), json!({})), "it is gone");
}

#[tokio::test]
async fn a_receipt_is_for_an_event_of_its_thread() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let relating =
        |rel_type: &str, event: &str| json!({ "m.relates_to": { "rel_type": rel_type, "event_id": plain(event) } });
    let root = server.send("alice", &room, "root", json!({})).await;
    let reply = server.send("alice", &room, "reply", relating("m.thread", &root)).await;
    let about_reply = server.send("alice", &room, "about_reply", relating("m.reference", &reply)).await;
    let about_root = server.send("alice", &room, "about_root", relating("m.reference", &root)).await;
    let alone = server.send("alice", &room, "alone", json!({})).await;
    let root = plain(&root);
    let root = root.as_str();
    let other = plain(&alone);
    for (event, thread, status) in [
        (&alone, json!("main"), 200),
        (&alone, json!(root), 400),
        (&alone, json!(other), 400),
        (&alone, json!(""), 400),
        (&alone, json!(7), 400),
        (&alone, json!("nothing"), 400),
        (&alone, json!("$nothing"), 400),
        (&about_root, json!("main"), 200),
        (&about_root, json!(root), 200),
        (&reply, json!("main"), 400),
        (&reply, json!(other), 400),
        (&about_reply, json!("main"), 400),
        (&about_reply, json!(root), 200),
        (&reply, json!(root), 200),
        (&escaped(root), json!(root), 200),
        (&escaped(root), json!("main"), 200),
    ] {
        let path = format!("v3/rooms/{room}/receipt/m.read/{event}");
        let answer = server.call("bob", "POST", &path, json!({ "thread_id": thread })).await;
        assert_eq!(answer.status, status, "{thread} for {event}: {}", answer.body);
    }
    let path = format!("v3/rooms/{room}/receipt/m.fully_read/{alone}");
    let marker = server.call("bob", "POST", &path, json!({ "thread_id": "main" })).await;
    assert_eq!((marker.status, marker.errcode()), (400, "M_INVALID_PARAM"), "a read marker has none");
}

#[tokio::test]
async fn a_receipt_for_the_room_is_told_before_those_for_threads() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let event = server.send("alice", &room, "1", json!({})).await;
    let told = async || {
        let sync = server.get("alice", "v3/sync").await;
        let events = sync["rooms"]["join"][plain(&room)]["ephemeral"]["events"].clone();
        let receipts = events.as_array().unwrap().iter().find(|event| event["type"] == "m.receipt").cloned().unwrap();
        receipts["content"][plain(&event)]["m.read"]["@bob:h"].get("thread_id").cloned()
    };
    let path = format!("v3/rooms/{room}/receipt/m.read/{event}");
    for (body, expected) in
        [(json!({ "thread_id": "main" }), Some(json!("main"))), (json!({}), None), (json!({ "thread_id": "main" }), None)]
    {
        server.post("bob", &path, body).await;
        assert_eq!(told().await, expected);
    }
}
