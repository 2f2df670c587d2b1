//! Requests about rooms that are refused, each with the specification's error code, and nothing written.

use serde_json::{Value, json};

use crate::http::{Server, escaped};

#[derive(Clone)]
struct Case {
    who: &'static str,
    method: &'static str,
    path: String,
    body: Value,
    status: u16,
    errcode: &'static str,
}

fn case(who: &'static str, method: &'static str, path: String, body: Value, status: u16, errcode: &'static str) -> Case {
    Case { who, method, path, body, status, errcode }
}

/// Rooms that nobody can make.
fn creations() -> Vec<Case> {
    let create = || "v3/createRoom".to_owned();
    vec![
        case("nobody", "POST", create(), json!({}), 401, "M_MISSING_TOKEN"),
        case("alice", "POST", create(), json!([]), 400, "M_BAD_JSON"),
        case("alice", "POST", create(), json!({ "invite": "bob" }), 400, "M_BAD_JSON"),
        case("alice", "POST", create(), json!({ "invite": ["bob"] }), 400, "M_BAD_JSON"),
        case("alice", "POST", create(), json!({ "room_version": "2" }), 400, "M_UNSUPPORTED_ROOM_VERSION"),
        case("alice", "POST", create(), json!({ "room_version": "new" }), 400, "M_UNSUPPORTED_ROOM_VERSION"),
        case("alice", "POST", create(), json!({ "preset": "secret" }), 400, "M_INVALID_PARAM"),
        case("alice", "POST", create(), json!({ "room_alias_name": "a b" }), 400, "M_INVALID_PARAM"),
        case("alice", "POST", create(), json!({ "room_alias_name": "#a:h" }), 400, "M_INVALID_PARAM"),
        case("alice", "POST", create(), json!({ "invite": ["@nobody:h"] }), 404, "M_NOT_FOUND"),
        case("alice", "POST", create(), json!({ "name": "n".repeat(70_000) }), 413, "M_TOO_LARGE"),
        case("alice", "POST", create(), json!({ "initial_state": [{ "type": "x" }] }), 400, "M_BAD_JSON"),
        case(
            "alice",
            "POST",
            create(),
            json!({ "initial_state": [{ "type": "x", "content": { "f": 1.5 } }] }),
            400,
            "M_BAD_JSON",
        ),
    ]
}

/// What cannot be sent to alice's room, which bob is in, carol is invited to and dave knows nothing of.
fn sendings(room: &str) -> Vec<Case> {
    let rooms = |rest: &str| format!("v3/rooms/{room}/{rest}");
    let lost = |rest: &str| format!("v3/rooms/%21nowhere%3Ah/{rest}");
    let encrypted = json!({ "ciphertext": "x" });
    vec![
        case("alice", "PUT", rooms("send/m.room.message/p1"), json!({ "body": "hi" }), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("send/m.sticker/p2"), json!({ "body": "hi" }), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("send/m.room.encrypted/p3"), json!({ "n": 1.5 }), 400, "M_BAD_JSON"),
        case("alice", "PUT", rooms("send/m.room.encrypted/p4"), json!([1]), 400, "M_BAD_JSON"),
        case("alice", "PUT", rooms("send/m.room.encrypted/p5"), json!({ "c": "c".repeat(66_000) }), 413, "M_TOO_LARGE"),
        case("carol", "PUT", rooms("send/m.room.encrypted/p6"), encrypted.clone(), 403, "M_FORBIDDEN"),
        case("dave", "PUT", rooms("send/m.room.encrypted/p7"), encrypted.clone(), 403, "M_FORBIDDEN"),
        case("alice", "PUT", lost("send/m.room.encrypted/p8"), encrypted.clone(), 404, "M_NOT_FOUND"),
        case("alice", "PUT", "v3/rooms/nonsense/send/m.room.encrypted/p9".to_owned(), encrypted, 400, "M_BAD_JSON"),
        case("alice", "PUT", rooms("send/m.room.redaction/p10"), json!({}), 400, "M_BAD_JSON"),
        case("bob", "PUT", rooms("state/m.room.name"), json!({ "name": "B" }), 403, "M_FORBIDDEN"),
        case("dave", "PUT", rooms("state/m.room.name"), json!({ "name": "D" }), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("state/m.room.encryption"), json!({}), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("state/m.room.create"), json!({}), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("state/m.room.power_levels"), json!({ "users": "x" }), 403, "M_FORBIDDEN"),
    ]
}

/// What cannot be read of it.
fn readings(room: &str, event: &str) -> Vec<Case> {
    let rooms = |rest: &str| format!("v3/rooms/{room}/{rest}");
    let lost = |rest: &str| format!("v3/rooms/%21nowhere%3Ah/{rest}");
    vec![
        case("alice", "GET", rooms("state/org.example.none"), Value::Null, 404, "M_NOT_FOUND"),
        case("dave", "GET", rooms("state"), Value::Null, 403, "M_FORBIDDEN"),
        case("carol", "GET", rooms("state"), Value::Null, 403, "M_FORBIDDEN"),
        case("dave", "GET", rooms("members"), Value::Null, 403, "M_FORBIDDEN"),
        case("dave", "GET", rooms("joined_members"), Value::Null, 403, "M_FORBIDDEN"),
        case("dave", "GET", rooms("messages?dir=b"), Value::Null, 403, "M_FORBIDDEN"),
        case("alice", "GET", lost("messages?dir=b"), Value::Null, 403, "M_FORBIDDEN"),
        case("alice", "GET", rooms("messages"), Value::Null, 400, "M_BAD_JSON"),
        case("alice", "GET", rooms("messages?dir=x"), Value::Null, 400, "M_BAD_JSON"),
        case("alice", "GET", rooms("messages?dir=b&from=yesterday"), Value::Null, 400, "M_INVALID_PARAM"),
        case("alice", "GET", rooms("messages?dir=b&filter=nonsense"), Value::Null, 400, "M_BAD_JSON"),
        case("alice", "GET", rooms("event/%24none"), Value::Null, 404, "M_NOT_FOUND"),
        case("dave", "GET", rooms(&format!("event/{event}")), Value::Null, 403, "M_FORBIDDEN"),
        case("alice", "GET", rooms("context/%24none"), Value::Null, 404, "M_NOT_FOUND"),
    ]
}

/// What cannot be done in it, or to it.
fn deeds(room: &str, event: &str) -> Vec<Case> {
    let rooms = |rest: &str| format!("v3/rooms/{room}/{rest}");
    let lost = |rest: &str| format!("v3/rooms/%21nowhere%3Ah/{rest}");
    vec![
        case("dave", "POST", rooms("join"), json!({}), 403, "M_FORBIDDEN"),
        case("alice", "POST", lost("join"), json!({}), 404, "M_NOT_FOUND"),
        case("alice", "POST", "v3/join/%23none%3Ah".to_owned(), json!({}), 404, "M_NOT_FOUND"),
        case("alice", "POST", "v3/join/none".to_owned(), json!({}), 400, "M_BAD_JSON"),
        case("dave", "POST", rooms("leave"), json!({}), 403, "M_FORBIDDEN"),
        case("bob", "POST", rooms("forget"), json!({}), 400, "M_UNKNOWN"),
        case("alice", "POST", rooms("invite"), json!({}), 400, "M_BAD_JSON"),
        case("alice", "POST", rooms("invite"), json!({ "user_id": "@nobody:h" }), 404, "M_NOT_FOUND"),
        case("alice", "POST", rooms("invite"), json!({ "user_id": "@bob:h" }), 403, "M_FORBIDDEN"),
        case("dave", "POST", rooms("invite"), json!({ "user_id": "@dave:h" }), 403, "M_FORBIDDEN"),
        case("bob", "POST", rooms("kick"), json!({ "user_id": "@alice:h" }), 403, "M_FORBIDDEN"),
        case("alice", "POST", rooms("kick"), json!({ "user_id": "@dave:h" }), 403, "M_FORBIDDEN"),
        case("bob", "POST", rooms("ban"), json!({ "user_id": "@carol:h" }), 403, "M_FORBIDDEN"),
        case("alice", "POST", rooms("unban"), json!({ "user_id": "@bob:h" }), 403, "M_FORBIDDEN"),
        case("alice", "POST", rooms("leave"), json!({ "reason": "r".repeat(2_000) }), 400, "M_INVALID_PARAM"),
        case("dave", "POST", format!("v3/knock/{room}"), json!({}), 403, "M_FORBIDDEN"),
        case("bob", "PUT", rooms(&format!("redact/{event}/r1")), json!({}), 403, "M_FORBIDDEN"),
        case("alice", "PUT", rooms("redact/%24none/r2"), json!({}), 404, "M_NOT_FOUND"),
        case(
            "alice",
            "PUT",
            "v3/directory/room/%23x%3Aelsewhere".to_owned(),
            json!({ "room_id": "!r:h" }),
            403,
            "M_FORBIDDEN",
        ),
        case("alice", "GET", "v3/directory/room/%23none%3Ah".to_owned(), Value::Null, 404, "M_NOT_FOUND"),
        case("alice", "DELETE", "v3/directory/room/%23none%3Ah".to_owned(), Value::Null, 404, "M_NOT_FOUND"),
        case("bob", "PUT", format!("v3/directory/list/room/{room}"), json!({ "visibility": "public" }), 403, "M_FORBIDDEN"),
        case("bob", "POST", "v3/publicRooms".to_owned(), json!({ "since": "x" }), 400, "M_INVALID_PARAM"),
        case("bob", "POST", rooms("upgrade"), json!({ "new_version": "12" }), 403, "M_FORBIDDEN"),
        case("alice", "POST", rooms("upgrade"), json!({ "new_version": "1" }), 400, "M_UNSUPPORTED_ROOM_VERSION"),
        case("alice", "GET", format!("v1/rooms/{room}/relations/%24none"), Value::Null, 404, "M_NOT_FOUND"),
        case("dave", "GET", format!("v1/rooms/{room}/threads"), Value::Null, 403, "M_FORBIDDEN"),
        case(
            "alice",
            "GET",
            format!("v1/rooms/{room}/timestamp_to_event?dir=f&ts=9999999999999"),
            Value::Null,
            404,
            "M_NOT_FOUND",
        ),
        case("alice", "GET", rooms("nonsense"), Value::Null, 404, "M_UNRECOGNIZED"),
        case("alice", "DELETE", rooms("state"), Value::Null, 405, "M_UNRECOGNIZED"),
    ]
}

#[tokio::test]
async fn bad_requests_are_refused_and_write_nothing() {
    let server = Server::with(&["alice", "bob", "carol", "dave"]).await;
    let room = server.room("alice", json!({ "invite": ["@bob:h", "@carol:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    let event = server.send("alice", &room, "t1", Value::Null).await;
    let head = server.node.engine().unwrap().log().head();
    for Case { who, method, path, body, status, errcode } in
        [creations(), sendings(&room), readings(&room, &event), deeds(&room, &event)].concat()
    {
        let answer = server.call(who, method, &path, body).await;
        assert_eq!((answer.status, answer.errcode()), (status, errcode), "{who}: {method} {path}: {}", answer.body);
        assert!(answer.body["error"].as_str().is_some_and(|sentence| !sentence.is_empty()), "{method} {path}");
    }
    let no_json = server.call_raw("alice", "POST", "v3/createRoom", b"{".to_vec()).await;
    assert_eq!((no_json.status, no_json.errcode()), (400, "M_NOT_JSON"));
    assert_eq!(server.node.engine().unwrap().log().head(), head, "nothing was written");
    assert_eq!(escaped("!a:h"), "%21a%3Ah");
}
