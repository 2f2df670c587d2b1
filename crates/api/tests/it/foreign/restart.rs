//! Connections of sliding sync and restarts of the server.

use serde_json::{Value, json};

use super::together;
use crate::http::{Answer, Server};

async fn slide(server: &Server, pos: &str, conn_id: &str, last: u8, limit: u8) -> Answer {
    let list = json!({ "ranges": [[0, last]], "timeline_limit": limit, "required_state": [["m.room.topic", ""]] });
    let path = format!("unstable/org.matrix.simplified_msc3575/sync?timeout=0{pos}");
    server.call("bob", "POST", &path, json!({ "lists": { "all": list }, "conn_id": conn_id })).await
}

fn pos(answer: &Value) -> String {
    format!("&pos={}", answer["pos"].as_str().unwrap())
}

#[tokio::test]
async fn a_connection_that_had_told_of_all_rooms_goes_on_after_a_restart() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let id = room.replace("%21", "!").replace("%3A", ":");
    together(&server).await;
    let first = slide(&server, "", "", 9, 5).await.ok();
    assert_eq!(first["rooms"].as_object().unwrap().len(), 2);
    let window = slide(&server, "", "small", 0, 5).await.ok();
    let event = server.send("alice", &room, "1", json!({})).await;
    assert!(server.restart());
    for (pos, conn_id, last, limit, what) in [
        (&pos(&window), "small", 1, 5, "rooms that were outside of the window are in it now"),
        (&pos(&first), "other", 9, 5, "of another connection"),
        (&pos(&first), "", 9, 6, "other things were wanted"),
        (&"&pos=7".to_owned(), "", 9, 5, "it names no position"),
        (&"&pos=1_99999_0".to_owned(), "", 9, 5, "it was given out by nobody"),
    ] {
        let refused = slide(&server, pos, conn_id, last, limit).await;
        assert_eq!((refused.status, refused.errcode()), (400, "M_UNKNOWN_POS"), "{what}");
    }
    // Twice: the first answer may be lost. That the window is larger changes nothing.
    for last in [9, 19] {
        let next = slide(&server, &pos(&first), "", last, 5).await.ok();
        let rooms = next["rooms"].as_object().unwrap();
        assert_eq!(rooms.keys().collect::<Vec<_>>(), [&id], "only the room with news");
        let (room, timeline) = (&rooms[&id], &rooms[&id]["timeline"]);
        assert_eq!((room.get("initial"), timeline.as_array().unwrap().len(), &room["num_live"]), (None, 1, &json!(1)));
        assert_eq!(crate::http::ids(timeline), std::slice::from_ref(&event));
        let after = slide(&server, &pos(&next), "", last, 5).await.ok();
        assert_eq!(after["rooms"], json!({}), "and nothing twice");
    }
}

#[tokio::test]
async fn a_connection_whose_window_lacked_rooms_goes_on_after_a_restart() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let (lower, upper) = (together(&server).await, together(&server).await);
    let id = |room: &str| room.replace("%21", "!").replace("%3A", ":");
    let rooms = |answer: &Value| answer["rooms"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let first = slide(&server, "", "", 0, 5).await.ok();
    assert_eq!(rooms(&first), [id(&upper)]);
    assert!(server.restart());
    let quiet = slide(&server, &pos(&first), "", 0, 5).await.ok();
    assert_eq!(quiet["rooms"], json!({}), "nothing happened");
    server.send("alice", &lower, "1", json!({})).await;
    assert!(server.restart());
    let next = slide(&server, &pos(&quiet), "", 0, 5).await.ok();
    assert_eq!(rooms(&next), [id(&lower)], "the room with news");
    assert_eq!(next["rooms"][id(&lower)]["initial"], true, "of which it had not heard");
    let wider = slide(&server, &pos(&next), "", 1, 5).await.ok();
    assert_eq!(rooms(&wider), [id(&upper)], "what came into a wider window of a server that remembers");
}
