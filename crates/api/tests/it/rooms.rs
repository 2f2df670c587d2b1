//! Rooms from their creation to the last who leaves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::http::{Server, escaped, ids};

/// Alice and bob in an encrypted direct room of this version.
async fn direct(version: &str) -> (Server, String) {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let room = server
        .room(
            "alice",
            json!({ "room_version": version, "is_direct": true, "preset": "trusted_private_chat", "invite": ["@bob:h"] }),
        )
        .await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    (server, room)
}

#[tokio::test]
async fn two_people_talk_in_every_room_version() {
    for version in ["10", "11", "12"] {
        let (server, room) = direct(version).await;
        let first = server.send("alice", &room, "t1", Value::Null).await;
        let second = server.send("bob", &room, "t1", Value::Null).await;
        assert_eq!(server.send("alice", &room, "t1", Value::Null).await, first, "a transaction sends once");
        let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=2")).await;
        assert_eq!(ids(&page["chunk"]), [second.clone(), first.clone()], "version {version}");
        let event = server.get("alice", &format!("v3/rooms/{room}/event/{first}")).await;
        assert_eq!(event["unsigned"]["transaction_id"], "t1");
        assert_eq!(escaped(event["room_id"].as_str().unwrap()), room);
        let seen_by_bob = server.get("bob", &format!("v3/rooms/{room}/event/{first}")).await;
        assert!(seen_by_bob["unsigned"].get("transaction_id").is_none());
        assert_eq!(server.node.replay_difference().unwrap(), None);
    }
}

#[tokio::test]
async fn a_transaction_id_is_of_one_device_and_one_path() {
    let (mut server, room) = direct("12").await;
    let one = server.send("alice", &room, "a", Value::Null).await;
    let other = server.send("alice", &room, "b", Value::Null).await;
    let reaction =
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": one.replace("%24", "$"), "key": "+" } });
    let requests = [
        ("send/m.room.encrypted/0".to_owned(), json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "0" })),
        ("send/m.reaction/0".to_owned(), reaction),
        (format!("redact/{one}/0"), json!({})),
        (format!("redact/{other}/0"), json!({})),
    ];
    let mut answers = Vec::new();
    for round in 0..3 {
        for (index, (path, body)) in requests.iter().enumerate() {
            let answer = server.put("alice", &format!("v3/rooms/{room}/{path}"), body.clone()).await;
            let event_id = answer["event_id"].as_str().unwrap().to_owned();
            match round {
                0 => answers.push(event_id),
                _ => assert_eq!(event_id, answers[index], "{path} again"),
            }
        }
        if round == 1 {
            server.crash();
        }
    }
    let distinct: BTreeSet<_> = answers.iter().collect();
    assert_eq!(distinct.len(), requests.len(), "{answers:?}");
    for redacted in [one, other] {
        let event = server.get("bob", &format!("v3/rooms/{room}/event/{redacted}")).await;
        assert_eq!(event["content"], json!({}), "each of the redactions took effect");
    }
}

#[tokio::test]
async fn a_transaction_sends_once_even_across_a_crash() {
    let (mut server, room) = direct("12").await;
    let before = server.send("alice", &room, "t1", Value::Null).await;
    server.crash();
    assert_eq!(server.send("alice", &room, "t1", Value::Null).await, before);
    let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=100")).await;
    assert_eq!(ids(&page["chunk"]).iter().filter(|id| **id == before).count(), 1);
}

#[tokio::test]
async fn history_is_read_in_pages_both_ways() {
    let (server, room) = direct("12").await;
    let mut sent = Vec::new();
    for n in 0..7 {
        sent.push(server.send("alice", &room, &format!("t{n}"), Value::Null).await);
    }
    let mut read = Vec::new();
    let mut from = String::new();
    loop {
        let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=3{from}")).await;
        read.extend(ids(&page["chunk"]));
        match page.get("end").and_then(Value::as_str) {
            Some(end) => from = format!("&from={end}"),
            None => break,
        }
    }
    read.reverse();
    assert_eq!(read[read.len() - 7..], sent);
    let all = server.get("bob", &format!("v3/rooms/{room}/messages?dir=f&limit=100")).await;
    assert_eq!(ids(&all["chunk"]), read, "forwards is backwards turned around");
    assert_eq!(all["chunk"][0]["type"], "m.room.create");

    let context = server.get("bob", &format!("v3/rooms/{room}/context/{}?limit=4", sent[3])).await;
    assert_eq!(ids(&context["events_before"]), [sent[2].clone(), sent[1].clone()]);
    assert_eq!(ids(&context["events_after"]), [sent[4].clone(), sent[5].clone()]);
    let start = context["start"].as_str().unwrap();
    let before = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=1&from={start}")).await;
    assert_eq!(ids(&before["chunk"]), [sent[0].clone()], "the page before begins where the context ends");
    let end = context["end"].as_str().unwrap();
    let after = server.get("bob", &format!("v3/rooms/{room}/messages?dir=f&limit=1&from={end}")).await;
    assert_eq!(ids(&after["chunk"]), [sent[6].clone()]);
}

#[tokio::test]
async fn a_filter_leaves_events_out_and_members_load_lazily() {
    let (server, room) = direct("12").await;
    let sent = server.send("bob", &room, "t1", Value::Null).await;
    let filter = "%7B%22types%22%3A%5B%22m.room.enc%2A%22%5D%2C%22not_types%22%3A%5B%22m.room.encryption%22%5D%2C%22lazy_load_members%22%3Atrue%7D";
    let page = server.get("alice", &format!("v3/rooms/{room}/messages?dir=b&limit=50&filter={filter}")).await;
    assert_eq!(ids(&page["chunk"]), [sent]);
    let state = page["state"].as_array().unwrap();
    assert_eq!(state.len(), 1);
    assert_eq!((&state[0]["type"], &state[0]["state_key"]), (&json!("m.room.member"), &json!("@bob:h")));
}

#[tokio::test]
async fn state_is_set_and_read() {
    let (server, room) = direct("12").await;
    server.put("alice", &format!("v3/rooms/{room}/state/m.room.name"), json!({ "name": "Tea" })).await;
    for path in ["m.room.name", "m.room.name/"] {
        let content = server.get("bob", &format!("v3/rooms/{room}/state/{path}")).await;
        assert_eq!(content, json!({ "name": "Tea" }));
    }
    let event = server.get("bob", &format!("v3/rooms/{room}/state/m.room.name/?format=event")).await;
    assert_eq!((&event["sender"], &event["content"]["name"]), (&json!("@alice:h"), &json!("Tea")));
    server.put("alice", &format!("v3/rooms/{room}/state/org.example.note/a%2Fb"), json!({ "x": 1 })).await;
    let note = server.get("bob", &format!("v3/rooms/{room}/state/org.example.note/a%2Fb")).await;
    assert_eq!(note, json!({ "x": 1 }));
    let all = server.get("bob", &format!("v3/rooms/{room}/state")).await;
    let types: Vec<_> = all.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    for expected in ["m.room.create", "m.room.encryption", "m.room.name", "org.example.note"] {
        assert!(types.contains(&expected), "{expected} in {types:?}");
    }
}

#[tokio::test]
async fn members_are_listed_by_what_they_are() {
    let (server, room) = direct("12").await;
    server.post("alice", &format!("v3/rooms/{room}/invite"), json!({ "user_id": "@carol:h", "reason": "tea" })).await;
    let names = |list: &Value| -> Vec<String> {
        let members = list["chunk"].as_array().unwrap().iter();
        members.map(|event| event["state_key"].as_str().unwrap().to_owned()).collect()
    };
    let members = |query: &str| format!("v3/rooms/{room}/members{query}");
    assert_eq!(names(&server.get("bob", &members("")).await), ["@alice:h", "@bob:h", "@carol:h"]);
    assert_eq!(names(&server.get("bob", &members("?membership=invite")).await), ["@carol:h"]);
    assert_eq!(names(&server.get("bob", &members("?not_membership=invite")).await), ["@alice:h", "@bob:h"]);
    let joined = server.get("bob", &format!("v3/rooms/{room}/joined_members")).await;
    assert_eq!(joined["joined"].as_object().unwrap().len(), 2);
    let rooms = server.get("bob", "v3/joined_rooms").await;
    assert_eq!(escaped(rooms["joined_rooms"][0].as_str().unwrap()), room);
    assert_eq!(server.get("carol", "v3/joined_rooms").await, json!({ "joined_rooms": [] }));
}

#[tokio::test]
async fn who_left_reads_up_to_there_and_who_forgot_reads_nothing() {
    let (server, room) = direct("11").await;
    let before = server.send("alice", &room, "t1", Value::Null).await;
    server.post("bob", &format!("v3/rooms/{room}/leave"), json!({ "reason": "late" })).await;
    let after = server.send("alice", &room, "t2", Value::Null).await;
    server.put("alice", &format!("v3/rooms/{room}/state/m.room.name"), json!({ "name": "Secret" })).await;
    let page = server.get("bob", &format!("v3/rooms/{room}/messages?dir=b&limit=50")).await;
    let seen = ids(&page["chunk"]);
    assert!(seen.contains(&before) && !seen.contains(&after), "{seen:?}");
    let hidden = server.call("bob", "GET", &format!("v3/rooms/{room}/event/{after}"), Value::Null).await;
    assert_eq!((hidden.status, hidden.errcode()), (404, "M_NOT_FOUND"));
    let name = server.call("bob", "GET", &format!("v3/rooms/{room}/state/m.room.name"), Value::Null).await;
    assert_eq!((name.status, name.errcode()), (404, "M_NOT_FOUND"), "the name came after");
    server.post("bob", &format!("v3/rooms/{room}/forget"), json!({})).await;
    let gone = server.call("bob", "GET", &format!("v3/rooms/{room}/messages?dir=b"), Value::Null).await;
    assert_eq!((gone.status, gone.errcode()), (403, "M_FORBIDDEN"));
}

#[tokio::test]
async fn a_redacted_message_is_gone_everywhere() {
    for version in ["10", "11", "12"] {
        let (mut server, room) = direct(version).await;
        let event = server.send("alice", &room, "secret-marker", Value::Null).await;
        let path = format!("v3/rooms/{room}/redact/{event}/r1");
        let first = server.put("bob", &path, json!({ "reason": "no" })).await;
        assert_eq!(server.put("bob", &path, json!({})).await, first, "a transaction redacts once");
        server.put("alice", &format!("v3/rooms/{room}/redact/{event}/r2"), json!({})).await;
        for crashed in [false, true] {
            if crashed {
                server.crash();
            }
            let shown = server.get("alice", &format!("v3/rooms/{room}/event/{event}")).await;
            assert_eq!(shown["content"], json!({}), "version {version}");
            assert_eq!(shown["unsigned"]["redacted_because"]["event_id"], first["event_id"]);
            assert_eq!(shown["unsigned"]["redacted_because"]["content"]["redacts"], shown["event_id"]);
            let page = server.get("alice", &format!("v3/rooms/{room}/messages?dir=b&limit=50")).await;
            assert!(!page["chunk"].to_string().contains("AwgA") && !page.to_string().contains("ciphertext"));
            assert_eq!(server.node.replay_difference().unwrap(), None);
        }
    }
}

#[tokio::test]
async fn addresses_lead_to_rooms_and_public_ones_are_listed() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = server
        .room(
            "alice",
            json!({ "room_alias_name": "tea", "visibility": "public", "name": "Tea", "topic": "Which? Straße 5" }),
        )
        .await;
    let found = server.get("nobody", "v3/directory/room/%23tea%3Ah").await;
    assert_eq!(escaped(found["room_id"].as_str().unwrap()), room);
    let taken = server.call("bob", "POST", "v3/createRoom", json!({ "room_alias_name": "tea" })).await;
    assert_eq!((taken.status, taken.errcode()), (400, "M_ROOM_IN_USE"));
    server.post("bob", "v3/join/%23tea%3Ah", json!({})).await;
    let list = server.get("bob", "v3/publicRooms").await;
    assert_eq!(list["chunk"][0]["name"], "Tea");
    assert_eq!((&list["chunk"][0]["num_joined_members"], &list["total_room_count_estimate"]), (&json!(2), &json!(1)));
    let search = |term: &str| json!({ "filter": { "generic_search_term": term } });
    for term in ["WHICH", "STRASSE", "ｓtraße", "tea"] {
        assert_eq!(server.post("bob", "v3/publicRooms", search(term)).await["chunk"].as_array().unwrap().len(), 1, "{term}");
    }
    assert_eq!(server.post("bob", "v3/publicRooms", search("coffee")).await["chunk"], json!([]));

    server.put("bob", "v3/directory/room/%23cha%3Ah", json!({ "room_id": found["room_id"] })).await;
    let aliases = server.get("alice", &format!("v3/rooms/{room}/aliases")).await;
    assert_eq!(aliases["aliases"], json!(["#cha:h", "#tea:h"]));
    let path = format!("v3/rooms/{room}/state/m.room.canonical_alias");
    server.put("alice", &path, json!({ "alias": "#tea:h", "alt_aliases": ["#cha:h"] })).await;
    let foreign = server.call("alice", "PUT", &path, json!({ "alias": "#other:h" })).await;
    assert_eq!((foreign.status, foreign.errcode()), (400, "M_BAD_ALIAS"));
    let not_yours = server.call("bob", "DELETE", "v3/directory/room/%23tea%3Ah", Value::Null).await;
    assert_eq!((not_yours.status, not_yours.errcode()), (403, "M_FORBIDDEN"));
    server.call("alice", "DELETE", "v3/directory/room/%23cha%3Ah", Value::Null).await.ok();
    server.put("alice", &format!("v3/directory/list/room/{room}"), json!({ "visibility": "private" })).await;
    assert_eq!(server.get("bob", "v3/publicRooms").await["chunk"], json!([]));
    let summary = server.get("nobody", "v1/room_summary/%23tea%3Ah").await;
    assert_eq!((&summary["name"], summary.get("membership")), (&json!("Tea"), None));
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn relations_and_threads_are_found() {
    let (server, room) = direct("12").await;
    let root = server.send("alice", &room, "t1", Value::Null).await;
    let id = root.replace("%24", "$");
    let relates = |rel_type: &str| json!({ "m.relates_to": { "rel_type": rel_type, "event_id": id } });
    let reply = server.send("bob", &room, "t2", relates("m.thread")).await;
    let edit = server.send("alice", &room, "t3", relates("m.replace")).await;
    let relations = |rest: &str| format!("v1/rooms/{room}/relations/{root}{rest}");
    assert_eq!(ids(&server.get("bob", &relations("")).await["chunk"]), [edit.clone(), reply.clone()]);
    assert_eq!(ids(&server.get("bob", &relations("?dir=f")).await["chunk"]), [reply.clone(), edit.clone()]);
    assert_eq!(ids(&server.get("bob", &relations("/m.thread")).await["chunk"]), vec![reply.clone()]);
    assert_eq!(ids(&server.get("bob", &relations("/m.replace/m.room.encrypted")).await["chunk"]), vec![edit.clone()]);
    let page = server.get("bob", &relations("?limit=1")).await;
    let next = page["next_batch"].as_str().unwrap();
    let rest = server.get("bob", &relations(&format!("?limit=1&from={next}"))).await;
    assert_eq!((ids(&page["chunk"]), ids(&rest["chunk"])), (vec![edit.clone()], vec![reply.clone()]));
    assert!(rest.get("next_batch").is_none());
    let page = server.get("bob", &relations("?limit=1&dir=f")).await;
    let rest = server.get("bob", &relations(&format!("?dir=f&from={}", page["next_batch"].as_str().unwrap()))).await;
    assert_eq!((ids(&page["chunk"]), ids(&rest["chunk"])), (vec![reply.clone()], vec![edit.clone()]));

    let threads = server.get("bob", &format!("v1/rooms/{room}/threads")).await;
    assert_eq!(ids(&threads["chunk"]), vec![root.clone()]);
    let thread = &threads["chunk"][0]["unsigned"]["m.relations"]["m.thread"];
    assert_eq!(escaped(thread["latest_event"]["event_id"].as_str().unwrap()), reply);
}

#[tokio::test]
async fn rooms_are_found_by_time_summary_and_space() {
    let (server, room) = direct("12").await;
    let event = server.send("alice", &room, "t1", Value::Null).await;
    let shown = server.get("bob", &format!("v3/rooms/{room}/event/{event}")).await;
    let ts = &shown["origin_server_ts"];
    let found = server.get("bob", &format!("v1/rooms/{room}/timestamp_to_event?dir=b&ts={ts}")).await;
    assert_eq!(&found["origin_server_ts"], ts);
    let summary = server.get("bob", &format!("v1/room_summary/{room}")).await;
    assert_eq!((&summary["num_joined_members"], &summary["membership"]), (&json!(2), &json!("join")));
    assert_eq!(summary["encryption"], "m.megolm.v1.aes-sha2");
    let hidden = server.call("carol", "GET", &format!("v1/room_summary/{room}"), Value::Null).await;
    assert_eq!((hidden.status, hidden.errcode()), (404, "M_NOT_FOUND"));

    let space = server.room("alice", json!({ "creation_content": { "type": "m.space" } })).await;
    server.put("alice", &format!("v3/rooms/{space}/state/m.space.child/{room}"), json!({ "via": ["h"] })).await;
    let hierarchy = server.get("alice", &format!("v1/rooms/{space}/hierarchy")).await;
    let found: Vec<_> =
        hierarchy["rooms"].as_array().unwrap().iter().map(|found| escaped(found["room_id"].as_str().unwrap())).collect();
    assert_eq!(found, [space.clone(), room]);
    assert_eq!(hierarchy["rooms"][0]["children_state"].as_array().unwrap().len(), 1);
    let outside = server.call("carol", "GET", &format!("v1/rooms/{space}/hierarchy"), Value::Null).await;
    assert_eq!((outside.status, outside.errcode()), (403, "M_FORBIDDEN"));
}

#[tokio::test]
async fn an_upgrade_moves_room_and_address() {
    let server = Server::with(&["alice", "bob"]).await;
    let body = json!({ "room_version": "11", "room_alias_name": "tea", "name": "Tea", "preset": "public_chat" });
    let old = server.room("alice", body).await;
    let upgraded = server.post("alice", &format!("v3/rooms/{old}/upgrade"), json!({ "new_version": "12" })).await;
    let new = escaped(upgraded["replacement_room"].as_str().unwrap());
    let alias = server.get("bob", "v3/directory/room/%23tea%3Ah").await;
    assert_eq!(alias["room_id"], upgraded["replacement_room"]);
    server.post("bob", "v3/join/%23tea%3Ah", json!({})).await;
    let state = |room: &str, event_type: &str| format!("v3/rooms/{room}/state/{event_type}");
    assert_eq!(server.get("bob", &state(&new, "m.room.name")).await["name"], "Tea");
    assert_eq!(server.get("bob", &state(&new, "m.room.canonical_alias")).await["alias"], "#tea:h");
    let tombstone = server.get("alice", &state(&old, "m.room.tombstone")).await;
    assert_eq!(tombstone["replacement_room"], upgraded["replacement_room"]);
    assert_eq!(server.node.replay_difference().unwrap(), None);
}
