//! Rooms as foreign clients make them, sync them and read them.

use axum::body::Body;
use serde_json::{Value, json};

use super::together;
use crate::http::{Server, escaped, ids};

const SLIDING: &str = "unstable/org.matrix.simplified_msc3575/sync?timeout=0";

fn plain(room: &str) -> String {
    room.replace("%21", "!").replace("%3A", ":")
}

fn filter(filter: &Value) -> String {
    url::form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect()
}

async fn rename(server: &Server, room: &str, number: usize) {
    server.put("alice", &format!("v3/rooms/{room}/state/m.room.topic/"), json!({ "topic": number.to_string() })).await;
}

#[tokio::test]
async fn a_filter_applies_before_the_window_is_cut() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let since = server.get("bob", "v3/sync").await["next_batch"].as_str().unwrap().to_owned();
    let wanted = server.send("alice", &room, "1", json!({})).await;
    for number in 0..12 {
        rename(&server, &room, number).await;
    }
    for (limit, expected, limited) in [(1, vec![wanted.clone()], false), (0, vec![], true)] {
        let only = filter(&json!({ "room": { "timeline": { "types": ["m.room.encrypted"], "limit": limit } } }));
        let news = server.get("bob", &format!("v3/sync?since={since}&filter={only}")).await;
        let joined = &news["rooms"]["join"][plain(&room)];
        assert_eq!(ids(&joined["timeline"]["events"]), expected, "limit {limit}");
        assert_eq!(joined["timeline"]["limited"], limited);
        let topics: Vec<&Value> = joined["state"]["events"].as_array().unwrap().iter().collect();
        assert_eq!(topics.len(), 1, "{topics:?}");
        assert_eq!(topics[0]["content"]["topic"], "11", "what the filter keeps out of the timeline is in the state");
        let prev = joined["timeline"]["prev_batch"].as_str().unwrap();
        let back = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=100&from={prev}")).await;
        assert!(limit == 1 || ids(&back["chunk"]).contains(&wanted), "what is left out is read from prev_batch on");
    }
}

#[tokio::test]
async fn who_asks_for_the_format_of_servers_gets_what_was_signed() {
    let server = Server::with(&["alice"]).await;
    let room = server.room("alice", json!({})).await;
    server.send("alice", &room, "1", json!({})).await;
    let redacted = server.send("alice", &room, "2", json!({})).await;
    server.put("alice", &format!("v3/rooms/{room}/redact/{redacted}/3"), json!({})).await;
    let format = filter(&json!({ "event_format": "federation", "room": { "timeline": { "limit": 3 } } }));
    let sync = server.get("alice", &format!("v3/sync?filter={format}")).await;
    let joined = &sync["rooms"]["join"][plain(&room)];
    let timeline = joined["timeline"]["events"].as_array().unwrap();
    let signed = |event: &Value| {
        let members = ["auth_events", "prev_events", "depth", "hashes", "signatures", "room_id", "event_id", "unsigned"];
        members.iter().all(|member| event.get(member).is_some())
    };
    assert_eq!(timeline.iter().map(signed).collect::<Vec<_>>(), [true, false, true], "{timeline:?}");
    assert_eq!(timeline[1]["content"], json!({}), "what was erased stays so");
    assert!(joined["state"]["events"].as_array().unwrap().iter().skip(1).all(signed), "{joined}");
    let usual = server.get("alice", "v3/sync").await;
    assert!(usual["rooms"]["join"][plain(&room)]["timeline"]["events"][0].get("hashes").is_none());
}

#[tokio::test]
async fn with_lazy_loading_a_gap_tells_who_came_and_went_in_it() {
    let server = Server::with(&["alice", "bob", "carol", "dave"]).await;
    let room = together(&server).await;
    server.post("alice", &format!("v3/rooms/{room}/invite"), json!({ "user_id": "@dave:h" })).await;
    server.post("dave", &format!("v3/join/{room}"), json!({})).await;
    let lazy = filter(&json!({ "room": { "state": { "lazy_load_members": true }, "timeline": { "limit": 2 } } }));
    let first = server.get("bob", &format!("v3/sync?filter={lazy}")).await;
    let since = first["next_batch"].as_str().unwrap();
    server.post("alice", &format!("v3/rooms/{room}/invite"), json!({ "user_id": "@carol:h" })).await;
    server.post("carol", &format!("v3/join/{room}"), json!({})).await;
    server.post("dave", &format!("v3/rooms/{room}/leave"), json!({})).await;
    for number in 0..5 {
        rename(&server, &room, number).await;
    }
    let news = server.get("bob", &format!("v3/sync?since={since}&filter={lazy}")).await;
    let joined = &news["rooms"]["join"][plain(&room)];
    assert_eq!(joined["timeline"]["limited"], true);
    let members: Vec<(&str, &str)> = joined["state"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| Some((event["state_key"].as_str()?, event["content"]["membership"].as_str()?)))
        .collect();
    for expected in [("@carol:h", "join"), ("@dave:h", "leave")] {
        assert!(members.contains(&expected), "{expected:?} in {members:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_away_is_no_longer_named_by_its_room() {
    let server = Server::with(&["alice", "bob"]).await;
    let room =
        server.room("alice", json!({ "room_alias_name": "tea", "preset": "public_chat", "visibility": "public" })).await;
    server.put("alice", "v3/directory/room/%23milk:h", json!({ "room_id": plain(&room) })).await;
    let path = format!("v3/rooms/{room}/state/m.room.canonical_alias/");
    server.put("alice", &path, json!({ "alias": "#tea:h", "alt_aliases": ["#milk:h", "#tea:h"] })).await;
    let delete = async |who: &str, alias: &str| {
        server.call(who, "DELETE", &format!("v3/directory/room/%23{alias}:h"), json!({})).await.status
    };
    assert_eq!(delete("bob", "tea").await, 403);
    assert_eq!(delete("alice", "tea").await, 200);
    assert_eq!(server.get("alice", &path).await, json!({ "alt_aliases": ["#milk:h"] }));
    let listed = server.get("alice", "v3/publicRooms").await;
    assert_eq!(listed["chunk"][0].get("canonical_alias"), None, "{listed}");
    // Where somebody has no power over the room's state, it stays as it is.
    server.post("bob", &format!("v3/join/{room}"), json!({})).await;
    server.put("bob", "v3/directory/room/%23bobs:h", json!({ "room_id": plain(&room) })).await;
    server.put("alice", &path, json!({ "alias": "#bobs:h" })).await;
    assert_eq!(delete("bob", "bobs").await, 200);
    assert_eq!(server.get("alice", &path).await["alias"], "#bobs:h");
}

#[tokio::test]
async fn rooms_are_made_and_replaced_in_all_versions_that_are_said_to_be_there() {
    let server = Server::with(&["alice"]).await;
    let capabilities = server.get("alice", "v3/capabilities").await;
    let available = capabilities["capabilities"]["m.room_versions"]["available"].as_object().unwrap().clone();
    for version in 3..=12 {
        let version = version.to_string();
        assert!(available.contains_key(&version), "{version}");
        let room = server.room("alice", json!({ "room_version": version, "name": "Tea" })).await;
        let sent = server.send("alice", &room, "1", json!({})).await;
        server.put("alice", &format!("v3/rooms/{room}/redact/{sent}/1"), json!({})).await;
        let upgraded = server.post("alice", &format!("v3/rooms/{room}/upgrade"), json!({ "new_version": version })).await;
        let new = escaped(upgraded["replacement_room"].as_str().unwrap());
        let create = server.get("alice", &format!("v3/rooms/{new}/state/m.room.create/")).await;
        let state = server.get("alice", &format!("v3/rooms/{room}/state")).await;
        let tombstone = state.as_array().unwrap().iter().find(|event| event["type"] == "m.room.tombstone").unwrap();
        let named = (version != "12").then_some(&tombstone["event_id"]);
        assert_eq!(create["predecessor"].get("event_id"), named, "{version}");
        assert_eq!(server.get("alice", &format!("v3/rooms/{new}/state/m.room.name/")).await["name"], "Tea", "{version}");
    }
    // Who asks for none gets one whose ids name the server: not every client knows others.
    let room = server.room("alice", json!({})).await;
    let create = server.get("alice", &format!("v3/rooms/{room}/state/m.room.create/")).await;
    assert_eq!((create["room_version"].as_str(), room.ends_with(&escaped(":h"))), (Some("11"), true), "{room}");
    assert_eq!(capabilities["capabilities"]["m.room_versions"]["default"], "11");
    let older = server.call("alice", "POST", "v3/createRoom", json!({ "room_version": "2" })).await;
    assert_eq!((older.status, older.errcode()), (400, "M_UNSUPPORTED_ROOM_VERSION"));
}

#[tokio::test]
async fn everybody_who_sees_somebody_is_told_of_their_devices() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    together(&server).await;
    let renamed = ("PUT", "v3/devices/PHONE", json!({ "display_name": "My telephone" }));
    for (method, path, body) in [renamed, ("POST", "v3/logout", json!({}))] {
        let mut since = Vec::new();
        for who in ["bob", "carol"] {
            since.push(server.get(who, "v3/sync").await["next_batch"].as_str().unwrap().to_owned());
        }
        server.call("alice", method, path, body).await.ok();
        for (who, since, expected) in [("bob", &since[0], true), ("carol", &since[1], false)] {
            let news = server.get(who, &format!("v3/sync?since={since}")).await;
            let changed = news["device_lists"]["changed"].as_array().cloned().unwrap_or_default();
            assert_eq!(changed.contains(&json!("@alice:h")), expected, "{who} of {path}: {news}");
        }
    }
}

#[tokio::test]
async fn a_sliding_sync_tells_what_is_new_and_how_much_is_unread_when_that_changes() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    server.send("alice", &room, "1", json!({})).await;
    let last = server.send("alice", &room, "2", json!({})).await;
    let list = json!({ "ranges": [[0, 9]], "timeline_limit": 10, "required_state": [] });
    let body = json!({ "lists": { "all": list }, "extensions": { "receipts": { "enabled": true } } });
    let first = server.post("bob", SLIDING, body.clone()).await;
    let told = &first["rooms"][plain(&room)];
    assert_eq!((&told["num_live"], &told["notification_count"]), (&json!(0), &json!(2)), "all of it is history");
    server.post("bob", &format!("v3/rooms/{room}/receipt/m.read/{last}"), json!({})).await;
    let next = format!("{SLIDING}&pos={}", first["pos"].as_str().unwrap());
    let second = server.post("bob", &next, body.clone()).await;
    let told = &second["rooms"][plain(&room)];
    assert_eq!((&told["notification_count"], told.get("timeline")), (&json!(0), None), "{second}");
    server.send("alice", &room, "3", json!({})).await;
    let next = format!("{SLIDING}&pos={}", second["pos"].as_str().unwrap());
    let third = server.post("bob", &next, body).await;
    let told = &third["rooms"][plain(&room)];
    assert_eq!((&told["num_live"], &told["notification_count"]), (&json!(1), &json!(1)), "{third}");
}

#[tokio::test]
async fn what_was_announced_is_waited_for() {
    let server = Server::with(&["alice", "bob"]).await;
    let announced = server.call_with("alice", "POST", "/_matrix/media/v1/create", Body::empty()).await.ok();
    let media = announced["content_uri"].as_str().unwrap().strip_prefix("mxc://").unwrap().to_owned();
    let at_once = server.raw("bob", &format!("/_matrix/client/v1/media/download/{media}?timeout_ms=0")).await;
    assert_eq!(at_once.0, 504);
    let download = format!("/_matrix/client/v1/media/download/{media}?timeout_ms=20000");
    let upload = async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        server.call_with("alice", "PUT", &format!("/_matrix/media/v3/upload/{media}"), Body::from("late")).await.ok()
    };
    let (downloaded, _) = tokio::join!(server.raw("bob", &download), upload);
    assert_eq!(downloaded, (200, "late".into()));
}

#[tokio::test]
async fn who_waits_for_news_is_there() {
    let server = Server::with(&["alice", "bob"]).await;
    together(&server).await;
    let status = async || server.get("alice", "v3/presence/@bob:h/status").await["presence"].clone();
    assert_eq!(status().await, "offline");
    let since = server.get("bob", "v3/sync").await["next_batch"].as_str().unwrap().to_owned();
    let path = format!("v3/sync?timeout=300&since={since}");
    let looked = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        status().await
    };
    let (_, presence) = tokio::join!(server.get("bob", &path), looked);
    assert_eq!(presence, "online");
    let set = json!({ "presence": "offline" });
    server.put("bob", "v3/presence/@bob:h/status", set).await;
    let looked = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        status().await
    };
    let (_, presence) = tokio::join!(server.get("bob", &path), looked);
    assert_eq!(presence, "offline", "as bob says");
}
