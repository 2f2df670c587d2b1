//! The shapes that every server sends.

use serde_json::{Value, json};

use super::together;
use crate::http::{Server, ids};

#[tokio::test]
async fn a_sync_names_what_is_empty() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let id = room.replace("%21", "!").replace("%3A", ":");
    let first = server.get("bob", "v3/sync").await;
    let joined = &first["rooms"]["join"][&id];
    assert_eq!(joined["timeline"]["limited"], false);
    assert_eq!((&joined["ephemeral"]["events"], &joined["account_data"]["events"]), (&json!([]), &json!([])));
    assert_eq!(joined["state"]["events"], json!([]), "all of it is in the timeline");
    assert_eq!(first["device_one_time_keys_count"], json!({ "signed_curve25519": 0 }));
    let since = first["next_batch"].as_str().unwrap();
    let after = server.get("bob", &format!("v3/sync?since={since}&use_state_after=true")).await;
    assert_eq!(after.get("rooms"), None);
    server.post("bob", &format!("v3/rooms/{room}/leave"), json!({})).await;
    let left = server.get("bob", &format!("v3/sync?since={since}")).await;
    let left = &left["rooms"]["leave"][&id];
    assert_eq!((&left["timeline"]["limited"], &left["state"]["events"]), (&json!(false), &json!([])));
    assert_eq!(left["account_data"]["events"], json!([]));

    let path = "unstable/org.matrix.simplified_msc3575/sync?timeout=0";
    let sliding = server.post("bob", path, json!({})).await;
    assert_eq!((&sliding["rooms"], &sliding["lists"]), (&json!({}), &json!({})));
}

#[tokio::test]
async fn answers_have_the_members_that_clients_ask_for() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    server.call("bob", "DELETE", "v3/profile/@bob:h/displayname", json!({})).await.ok();
    let members = server.get("alice", &format!("v3/rooms/{room}/joined_members")).await;
    assert_eq!(members["joined"]["@bob:h"], json!({ "avatar_url": null, "display_name": null }));
    assert_eq!(members["joined"]["@alice:h"], json!({ "avatar_url": null, "display_name": "alice" }));
    let device = &server.get("alice", "v3/devices").await["devices"][0];
    assert!(device["last_seen_ts"].as_u64().is_some(), "{device}");
    let capabilities = &server.get("alice", "v3/capabilities").await["capabilities"];
    assert_eq!(capabilities["m.change_password"], json!({ "enabled": true }));
    assert!(capabilities["m.room_versions"]["available"].is_object(), "{capabilities}");
    let claimed = server.post("alice", "v3/keys/claim", json!({ "one_time_keys": {} })).await;
    assert_eq!(claimed, json!({ "failures": {}, "one_time_keys": {} }));
    assert_eq!(server.post("alice", "v3/keys/query", json!({ "device_keys": {} })).await["failures"], json!({}));
    let typing = format!("v3/rooms/{room}/typing/@alice:h");
    assert_eq!(server.put("alice", &typing, json!({ "typing": true })).await, json!({}), "without a time");
    let other = server.call("alice", "PUT", &format!("v3/rooms/{room}/typing/@bob:h"), json!({ "typing": true })).await;
    assert_eq!(other.status, 403);
}

#[tokio::test]
async fn the_state_after_a_timeline_stands_in_the_order_in_which_it_came_about() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    let since = server.get("alice", "v3/sync").await["next_batch"].as_str().unwrap().to_owned();
    for (event_type, content) in [("m.room.topic", json!({ "topic": "Tea" })), ("m.room.name", json!({ "name": "Tea" }))] {
        server.put("alice", &format!("v3/rooms/{room}/state/{event_type}/"), content).await;
    }
    let sync = server.get("alice", &format!("v3/sync?use_state_after=true&since={since}")).await;
    let joined = sync["rooms"]["join"].as_object().unwrap().values().next().unwrap();
    let types: Vec<&Value> =
        joined["state_after"]["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["m.room.topic", "m.room.name"]);
}

#[tokio::test]
async fn an_event_says_how_old_it_is() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    let event = server.send("alice", &room, "1", json!({})).await;
    server.node.clock.advance(4_321);
    let shown = server.get("alice", &format!("v3/rooms/{room}/event/{event}")).await;
    let synced = server.get("alice", "v3/sync").await;
    let id = room.replace("%21", "!").replace("%3A", ":");
    let last = synced["rooms"]["join"][&id]["timeline"]["events"].as_array().unwrap().last().unwrap();
    assert!(shown["unsigned"]["age"].as_u64().unwrap() >= 4_321, "{shown}");
    assert_eq!(last["unsigned"]["age"], shown["unsigned"]["age"]);
}

#[tokio::test]
async fn the_extra_event_of_an_odd_context_is_a_later_one_and_none_are_said() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    let mut events = Vec::new();
    for number in 0..6 {
        events.push(server.send("alice", &room, &number.to_string(), json!({})).await);
    }
    for (limit, before, after) in [(0, 0, 0), (1, 0, 1), (2, 1, 1), (3, 1, 2), (4, 2, 2)] {
        let path = format!("v3/rooms/{room}/context/{}?limit={limit}", events[3]);
        let context = server.get("alice", &path).await;
        assert_eq!(ids(&context["events_after"]), events[4..4 + after], "{limit}");
        let mut earlier = events[3 - before..3].to_vec();
        earlier.reverse();
        assert_eq!(ids(&context["events_before"]), earlier, "{limit}");
        assert!(context["state"].is_array());
    }
}

#[tokio::test]
async fn who_reads_forwards_can_always_go_on_from_what_was_seen() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    let sync = server.get("alice", "v3/sync").await;
    let from = sync["next_batch"].as_str().unwrap();
    let page = async |from: &str| server.get("alice", &format!("v3/rooms/{room}/messages?dir=f&limit=10&from={from}")).await;
    let nothing = page(from).await;
    assert_eq!((&nothing["chunk"], nothing.get("end")), (&json!([]), None));
    let first = server.send("alice", &room, "1", json!({})).await;
    let some = page(from).await;
    assert_eq!(ids(&some["chunk"]), [first]);
    let second = server.send("alice", &room, "2", json!({})).await;
    assert_eq!(ids(&page(some["end"].as_str().unwrap()).await["chunk"]), [second]);
    let back: Value = server.get("alice", &format!("v3/rooms/{room}/messages?dir=b&limit=100")).await;
    assert_eq!(back.get("end"), None, "the beginning");
}

#[tokio::test]
async fn members_of_a_room_that_the_world_may_read_are_told_to_whoever_asks() {
    let server = Server::with(&["alice", "bob"]).await;
    let visible = json!({ "type": "m.room.history_visibility", "content": { "history_visibility": "world_readable" } });
    let open = server.room("alice", json!({ "preset": "public_chat", "initial_state": [visible] })).await;
    let shut = server.room("alice", json!({ "preset": "public_chat" })).await;
    for (room, status) in [(&open, 200), (&shut, 403)] {
        for path in ["joined_members", "members"] {
            let answer = server.call("bob", "GET", &format!("v3/rooms/{room}/{path}"), Value::Null).await;
            assert_eq!(answer.status, status, "{path} of {room}");
        }
    }
    server.post("bob", &format!("v3/join/{shut}"), json!({})).await;
    server.post("bob", &format!("v3/rooms/{shut}/leave"), json!({})).await;
    let left = server.call("bob", "GET", &format!("v3/rooms/{shut}/joined_members"), Value::Null).await;
    assert_eq!(left.status, 403, "of now, and bob is gone");
}

#[tokio::test]
async fn a_tag_that_does_not_read_hides_itself_and_no_other() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    let tags = json!({ "tags": { "u.work": { "order": 0.5 }, "u.strange": "words", "m.favourite": {} } });
    server.put("alice", &format!("v3/user/@alice:h/rooms/{room}/account_data/m.tag"), tags).await;
    let shown = server.get("alice", &format!("v3/user/@alice:h/rooms/{room}/tags")).await;
    assert_eq!(shown, json!({ "tags": { "m.favourite": {}, "u.work": { "order": 0.5 } } }));
}
