//! Answers that are longer than a page come whole, and others have a length as before.

use std::collections::BTreeSet;

use domain::user::{NewSession, OpenSession, keys::UploadKeys};
use ruma::{OwnedDeviceId, owned_user_id};
use serde_json::{Map, Value, json};
use testkit::TestDevice;

use crate::http::{Server, escaped};

/// Sets somebody's member event to one of nearly 60 KB.
async fn grow(server: &Server, who: &str, room: &str) {
    let content = json!({ "membership": "join", "displayname": who, "note": "n".repeat(58_000) });
    server.put(who, &format!("v3/rooms/{room}/state/m.room.member/@{who}:h"), content).await;
}

#[tokio::test]
async fn members_come_whole_though_they_are_many_pages() {
    let people = ["alice", "bob", "carol", "dora", "erin", "frank"];
    let server = Server::with(&people).await;
    let room = server.room("alice", json!({ "preset": "public_chat" })).await;
    for name in &people[1..] {
        server.post(name, &format!("v3/rooms/{room}/join"), json!({})).await;
    }
    let before = server.get("alice", "v3/sync?timeout=0").await["next_batch"].as_str().unwrap().to_owned();
    for name in people {
        grow(&server, name, &room).await;
    }
    server.post("frank", &format!("v3/rooms/{room}/leave"), json!({})).await;
    let members = async |query: &str| {
        let list = server.get("alice", &format!("v3/rooms/{room}/members{query}")).await;
        let list = list["chunk"].as_array().unwrap().iter();
        list.map(|event| event["state_key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ids = people.map(|name| format!("@{name}:h"));
    assert_eq!(members("").await, ids);
    assert_eq!(members("?membership=join").await, ids[..5]);
    assert_eq!(members("?membership=leave").await, ids[5..]);
    assert_eq!(members(&format!("?at={before}&membership=join")).await, ids, "as it was then");
    assert_eq!(members("?membership=ban").await, [""; 0]);
    let joined = server.get("alice", &format!("v3/rooms/{room}/joined_members")).await;
    assert_eq!(joined["joined"].as_object().unwrap().keys().collect::<Vec<_>>(), ids[..5].iter().collect::<Vec<_>>());
    assert_eq!(joined["joined"]["@bob:h"]["display_name"], "bob");
}

#[tokio::test]
async fn keys_of_many_people_come_whole() {
    let server = Server::with(&["alice"]).await;
    let names: Vec<String> = (0..1_500).map(|n| format!("@{n:0200}:h")).collect();
    let asked: Map<String, Value> = names.iter().map(|name| (name.clone(), json!([]))).collect();
    let expected: Map<String, Value> = names.iter().map(|name| (name.clone(), json!({}))).collect();
    for (asked, expected) in [(asked, expected), (Map::new(), Map::new())] {
        let found = server.post("alice", "v3/keys/query", json!({ "device_keys": asked })).await;
        assert_eq!(found["device_keys"], Value::Object(expected));
        assert_eq!((&found["failures"], &found["master_keys"]), (&json!({}), &json!({})));
    }
    let elsewhere = server.post("alice", "v3/keys/query", json!({ "device_keys": { "@x:elsewhere": [] } })).await;
    assert_eq!(elsewhere["failures"], json!({ "elsewhere": {} }));
}

#[tokio::test]
async fn keys_of_many_devices_come_whole_and_only_those_that_are_asked_for() {
    let server = Server::with(&["alice", "bob"]).await;
    let ids: Vec<OwnedDeviceId> = (0..200).map(|n| format!("D{n:03}").into()).collect();
    let user_id = owned_user_id!("@alice:h");
    let engine = server.node.engine().unwrap();
    for (device_id, seed) in ids.iter().zip(0..) {
        let (device_id, name) = (device_id.clone(), "n".repeat(256));
        let session = NewSession { device_id: Some(device_id.clone()), display_name: Some(name), lifetime_ms: None };
        engine.submit(OpenSession { user_id: user_id.clone(), session }).await.unwrap();
        let identity = TestDevice::new(user_id.clone(), device_id.clone(), seed).identity().unwrap();
        let (user_id, one_time, fallback) = (user_id.clone(), [].into(), [].into());
        engine.submit(UploadKeys { user_id, device_id, identity: Some(identity), one_time, fallback }).await.unwrap();
    }
    let query = async |asked: Value| server.post("bob", "v3/keys/query", json!({ "device_keys": asked })).await;
    let found = query(json!({ "@alice:h": [], "@bob:h": [] })).await;
    let devices = found["device_keys"]["@alice:h"].as_object().unwrap();
    assert_eq!(devices.keys().map(String::as_str).collect::<Vec<_>>(), ids.iter().map(|id| id.as_str()).collect::<Vec<_>>());
    for (id, keys) in devices {
        assert_eq!((&keys["device_id"], keys["unsigned"]["device_display_name"].as_str().unwrap().len()), (&json!(id), 256));
    }
    assert_eq!(found["device_keys"]["@bob:h"], json!({}));
    let some = query(json!({ "@alice:h": ["D199", "D003", "D003", "NONE"] })).await;
    let devices: BTreeSet<_> = some["device_keys"]["@alice:h"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(devices, ["D003".to_owned(), "D199".to_owned()].into());
}

#[tokio::test]
async fn a_page_of_public_rooms_ends_with_its_bytes_and_says_where_the_next_one_is() {
    let server = Server::with(&["alice"]).await;
    let mut rooms = Vec::new();
    for n in 0..7 {
        let body = json!({ "preset": "public_chat", "visibility": "public", "name": format!("Room {n}") });
        let room = server.room("alice", body).await;
        let topic = json!({ "topic": "t".repeat(50_000) });
        server.put("alice", &format!("v3/rooms/{room}/state/m.room.topic"), topic).await;
        rooms.push(room);
    }
    let (mut found, mut path) = (Vec::new(), "v3/publicRooms".to_owned());
    let mut pages = 0;
    loop {
        let page = server.get("alice", &path).await;
        pages += 1;
        assert_eq!(page["total_room_count_estimate"], 7);
        found.extend(page["chunk"].as_array().unwrap().iter().map(|room| room["room_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_batch"].as_str() else { break };
        path = format!("v3/publicRooms?since={next}");
    }
    assert_eq!((pages, found.len()), (2, 7), "{found:?}");
    rooms.sort_unstable();
    found.sort_unstable();
    assert_eq!(found.iter().map(|room| escaped(room)).collect::<Vec<_>>(), rooms);
}
