//! The storage of the views fails, and comes back: nobody has to restart the server, and nothing is missing.

use std::time::Duration;

use engine::Status;
use serde_json::{Value, json};
use testkit::{Remedy, RowStore};

use crate::http::{Server, ids};

async fn stage() -> (Server, String, Vec<String>) {
    let server = Server::with(&["alice", "bob"]).await;
    let room = server.room("alice", json!({ "preset": "trusted_private_chat", "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    let mut sent = Vec::new();
    for n in 0..5 {
        sent.push(server.send("alice", &room, &format!("before{n}"), Value::Null).await);
        if n == 2 {
            server.node.rows.flush().unwrap();
        }
    }
    (server, room, sent)
}

async fn has_all(server: &Server, room: &str, sent: &[String]) {
    let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=f&limit=100")).await;
    let there: Vec<_> = ids(&page["chunk"]).into_iter().filter(|id| sent.contains(id)).collect();
    assert_eq!(there, sent, "each once and in order");
    assert_eq!(server.node.replay_difference().unwrap(), None);
    let health = server.node.engine().unwrap().health().unwrap();
    assert_eq!((health.status, health.views_position, health.fold_fault), (Status::Ok, health.log_head, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_go_on_after_the_storage_of_the_views_has_failed() {
    for remedy in [Remedy::Reopen, Remedy::Rebuild] {
        for (commits, mends) in [(1, 0), (2, 0), (1, 2)] {
            let (server, room, mut sent) = stage().await;
            let since = server.get("bob", "v3/sync?timeout=0").await["next_batch"].as_str().unwrap().to_owned();
            server.node.rows.refuse(commits, remedy);
            server.node.rows.refuse_mending(mends);
            // The write during which it fails is answered, and so is the next one.
            sent.push(server.send("alice", &room, "during", Value::Null).await);
            sent.push(server.send("alice", &room, "after", Value::Null).await);
            has_all(&server, &room, &sent).await;
            let news = server.get("bob", &format!("v3/sync?timeout=0&since={since}")).await;
            let plain = room.replace("%21", "!").replace("%3A", ":");
            let timeline = &news["rooms"]["join"][&plain]["timeline"]["events"];
            assert_eq!(ids(timeline), sent[5..], "a client that was connected misses nothing and sees nothing twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_served_what_the_views_do_not_follow() {
    let (server, room, mut sent) = stage().await;
    server.node.rows.refuse_mending(4);
    server.node.rows.refuse(1, Remedy::Reopen);
    let path = format!("v3/rooms/{room}/messages?dir=b&limit=1");
    let sending = server.send("alice", &room, "during", Value::Null);
    let watching = async {
        let mut refused = 0;
        for _ in 0..200 {
            let answer = server.call("bob", "GET", &path, Value::Null).await;
            match answer.status {
                503 => refused += 1,
                // Reads never go back behind what was acknowledged.
                200 => assert!(ids(&answer.body["chunk"]) != sent[2..3], "rows of an earlier moment"),
                status => panic!("{status}: {}", answer.body),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        refused
    };
    let (event, refused) = tokio::join!(sending, watching);
    assert!(refused > 0, "it took a while to come back");
    sent.push(event);
    has_all(&server, &room, &sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_nothing_helps_against_ends_the_engine() {
    let (server, room, _) = stage().await;
    server.node.rows.refuse(1, Remedy::None);
    let path = format!("v3/rooms/{room}/send/m.room.encrypted/during");
    let answer = server.call("alice", "PUT", &path, json!({ "algorithm": "a", "ciphertext": "c" })).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    let engine = server.node.engine().unwrap();
    tokio::time::timeout(Duration::from_secs(10), engine.ended()).await.expect("the engine says that it has ended");
    let health = engine.health().unwrap();
    assert_eq!(health.status, Status::Failing);
    assert!(health.fold_fault.unwrap().contains("as the test asks"));
    assert_eq!(server.call("bob", "GET", "v3/sync?timeout=0", Value::Null).await.status, 503);
}
