//! What facts have left to do in other streams: cut off at any moment, it is carried out after the restart, all of it.

use axum::body::Body;
use domain::{
    directory::{AddEmail, EmailAddress},
    room::UpgradeRoom,
    user::{Deactivate, SetProfileField},
};
use ruma::{OwnedRoomId, OwnedUserId, RoomVersionId};
use serde_json::{Value, json};
use testkit::Blow;
use views::outbox::pending;

use crate::http::{Server, escaped};

const ROOMS: usize = 5;

fn alice() -> OwnedUserId {
    "@alice:h".try_into().unwrap()
}

/// Alice in rooms with Bob, one of which has an address.
async fn stage() -> (Server, Vec<String>) {
    let server = Server::with(&["alice", "bob"]).await;
    let mut rooms = Vec::new();
    for n in 0..ROOMS {
        let mut body = json!({ "room_version": "11", "preset": "trusted_private_chat", "invite": ["@bob:h"] });
        if n == 0 {
            body["room_alias_name"] = json!("tea");
        }
        let room = server.room("alice", body).await;
        server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
        rooms.push(room);
    }
    (server, rooms)
}

/// Carries out what is left while the power goes after so many appends, and goes on after a restart.
async fn cut_off(server: &mut Server, appends: u64, blow: Blow) {
    server.node.backend.strike_after(appends, blow);
    let _cut_off = server.node.engine().unwrap().carry_out_effects().await;
    server.crash();
    let engine = server.node.engine().unwrap();
    engine.carry_out_effects().await.unwrap();
    assert_eq!(pending(&*engine.rows(), 0, 10).unwrap(), [], "after {appends} appends");
    assert_eq!(engine.health().unwrap().effects_waiting, 0);
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

async fn member(server: &Server, room: &str) -> Value {
    server.get("bob", &format!("v3/rooms/{room}/state/m.room.member/%40alice%3Ah")).await
}

#[tokio::test]
async fn a_new_name_reaches_every_room_once() {
    for (appends, blow) in [(0, Blow::Lost), (2, Blow::Unanswered), (3, Blow::Torn(40)), (ROOMS as u64, Blow::Lost)] {
        let (mut server, rooms) = stage().await;
        let value = Some(json!("Alice B."));
        let rename = SetProfileField { user_id: alice(), field: "displayname".to_owned(), value };
        server.node.engine().unwrap().submit(rename).await.unwrap();
        cut_off(&mut server, appends, blow).await;
        for room in &rooms {
            assert_eq!(member(&server, room).await["displayname"], "Alice B.");
            let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=100")).await;
            let is_rename = |event: &&Value| event["content"]["displayname"] == "Alice B.";
            let renames = page["chunk"].as_array().unwrap().iter().filter(is_rename).count();
            assert_eq!(renames, 1, "the one that was recorded before the power went is not repeated");
        }
    }
}

#[tokio::test]
async fn who_closes_their_account_leaves_every_room_and_frees_their_address() {
    for (appends, blow) in [(0, Blow::Lost), (2, Blow::Unanswered), (ROOMS as u64, Blow::Torn(9))] {
        let (mut server, rooms) = stage().await;
        let engine = server.node.engine().unwrap();
        let email = || EmailAddress::parse("alice@example.org").unwrap();
        engine.submit(AddEmail { user_id: alice(), email: email() }).await.unwrap();
        engine.submit(Deactivate { user_id: alice(), erase: false }).await.unwrap();
        cut_off(&mut server, appends, blow).await;
        for room in &rooms {
            assert_eq!(member(&server, room).await["membership"], "leave");
        }
        let engine = server.node.engine().unwrap();
        engine.submit(AddEmail { user_id: "@bob:h".try_into().unwrap(), email: email() }).await.unwrap();
    }
}

#[tokio::test]
async fn addresses_follow_a_room_that_is_replaced() {
    for (appends, blow) in [(0, Blow::Lost), (0, Blow::Unanswered), (1, Blow::Lost)] {
        let (mut server, rooms) = stage().await;
        let room_id: OwnedRoomId = rooms[0].replace("%21", "!").replace("%3A", ":").try_into().unwrap();
        let upgrade = UpgradeRoom { room_id, sender: alice(), version: RoomVersionId::V12, additional_creators: Vec::new() };
        let new = server.node.engine().unwrap().submit(upgrade).await.unwrap();
        cut_off(&mut server, appends, blow).await;
        assert_eq!(server.get("bob", "v3/directory/room/%23tea%3Ah").await["room_id"], new.as_str());
        let path = format!("v3/rooms/{}/state/m.room.canonical_alias", escaped(new.as_str()));
        assert_eq!(server.get("alice", &path).await["alias"], "#tea:h");
    }
}

#[tokio::test]
async fn push_rules_go_along_whenever_the_power_fails() {
    for (appends, blow) in [(0, Blow::Lost), (1, Blow::Lost), (1, Blow::Unanswered), (2, Blow::Torn(40))] {
        let (mut server, rooms) = stage().await;
        let old = &rooms[0];
        server.put("bob", &format!("v3/pushrules/global/room/{old}"), json!({ "actions": [] })).await;
        let new = server.post("alice", &format!("v3/rooms/{old}/upgrade"), json!({ "new_version": "11" })).await;
        let new = escaped(new["replacement_room"].as_str().unwrap());
        server.post("alice", &format!("v3/rooms/{new}/invite"), json!({ "user_id": "@bob:h" })).await;
        let joined = server.ask("bob", "POST", &format!("/_matrix/client/v3/join/{new}"), Body::from("{}")).await;
        assert_eq!(joined.status, 200, "{:?}", joined.body);
        cut_off(&mut server, appends, blow).await;
        server.get("bob", &format!("v3/pushrules/global/room/{new}")).await;
        // A new name is no new joining: what was taken away meanwhile stays away.
        server.call("bob", "DELETE", &format!("v3/pushrules/global/room/{new}"), Value::Null).await.ok();
        server.put("bob", "v3/profile/%40bob%3Ah/displayname", json!({ "displayname": "Bob B." })).await;
        let gone = server.call("bob", "GET", &format!("v3/pushrules/global/room/{new}"), Value::Null).await;
        assert_eq!(gone.status, 404, "{:?}", gone.body);
    }
}
