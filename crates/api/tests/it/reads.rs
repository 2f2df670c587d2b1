//! Long reads keep nobody else waiting.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::http::Server;

/// More than there are threads to serve, and more than there are turns for long reads.
const READERS: usize = 40;
/// Ample for a request that reads a row or two.
const AMPLE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_the_disk_keeps_nobody_else_waiting() {
    let server = Arc::new(Server::with(&["alice", "bob"]).await);
    let room = server.room("alice", json!({ "creation_content": { "type": "m.space" } })).await;
    let held = server.node.rows.hold_scans();
    let mut readers = Vec::new();
    for n in 0..READERS {
        let path = match n % 4 {
            0 => format!("v3/rooms/{room}/messages?dir=b"),
            1 => format!("v3/rooms/{room}/members"),
            2 => format!("v1/rooms/{room}/hierarchy"),
            _ => "v3/sync?timeout=0".to_owned(),
        };
        let server = Arc::clone(&server);
        readers.push(tokio::spawn(async move { server.call("alice", "GET", &path, Value::Null).await.status }));
    }
    for _ in 0..10 {
        let other = Arc::clone(&server);
        // On the threads that serve, as every request is; this one is the test's own.
        let asked = tokio::spawn(async move { other.get("bob", "v3/account/whoami").await });
        let answer = tokio::time::timeout(AMPLE, asked).await.expect("somebody else waits").unwrap();
        assert_eq!(answer["user_id"], "@bob:h");
    }
    assert!(!readers.iter().any(tokio::task::JoinHandle::is_finished), "they wait for the disk");
    drop(held);
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 200);
    }
}
