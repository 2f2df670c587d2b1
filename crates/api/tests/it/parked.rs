//! Records that do not read, as an older or a broken server may have left them: nobody suffers from one.

use engine::Status;
use serde_json::{Value, json};

use crate::http::Server;

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[tokio::test]
async fn records_that_do_not_read_stop_nobody() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let invited = json!({ "preset": "trusted_private_chat", "invite": ["@bob:h"] });
    let room = server.room("alice", invited).await;
    let before = server.send("alice", &room, "t1", Value::Null).await;
    assert_eq!(server.node.engine().unwrap().health().unwrap().status, Status::Ok);

    let plain_room = room.replace("%21", "!").replace("%3A", ":");
    let deep = format!(r#"{{"user_id":"@alice:h","master":{}}}"#, nested(200));
    let records = [
        ("user:@alice:h", "keys.cross_signing_uploaded", deep.as_str()),
        (&format!("room:{plain_room}"), "room.pdu", "{}"),
        ("directory", "account.registered", "no JSON"),
        ("inbox:@bob:h", "inbox.message", r#"{"user_id":"secret of bob"}"#),
    ];
    server.append_raw(&records);

    for _ in 0..2 {
        let health = server.node.engine().unwrap().health().unwrap();
        assert_eq!(health.status, Status::Degraded);
        assert_eq!(health.parked.len(), records.len());
        assert_eq!(health.views_position, health.log_head);
        assert!(!format!("{health:?}").contains("secret of bob"), "reasons quote nothing");
        // Every stream that has such a record still takes commands, and its history is there.
        server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
        let after = server.send("alice", &room, "t2", Value::Null).await;
        assert_eq!(server.send("alice", &room, "t1", Value::Null).await, before, "the room's lane knows its transactions");
        server.put("alice", "v3/profile/@alice:h/displayname", json!({ "displayname": "Alice" })).await;
        let sync = server.get("bob", "v3/sync?timeout=0").await;
        assert!(sync.to_string().contains(&after.replace("%24", "$")));
        assert_eq!(server.node.replay_difference().unwrap(), None);
        server.crash();
    }
}
