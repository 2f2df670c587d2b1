//! Rooms: creating, joining, sending, reading those of others.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::case::{
    Body::{Json, None as Nothing, Text},
    Case,
    Who::{Alice, Gone, Nobody},
    case,
};
use crate::bad_input::stage::Stage;

const CREATE: &str = "/_matrix/client/v3/createRoom";

pub(super) fn cases(stage: &Stage) -> Vec<Case> {
    [creating(stage), sending(stage), membership(stage), reading(stage)].into_iter().flatten().collect()
}

fn room(room: &str, rest: &str) -> String {
    format!("/_matrix/client/v3/rooms/{room}/{rest}")
}

fn creating(stage: &Stage) -> Vec<Case> {
    let post = |name, body, expected| case(name, Alice, Method::POST, CREATE, body, expected);
    vec![
        post("create, no JSON", Text("{".into()), "400 M_NOT_JSON"),
        post("create, a number for invites", Json(json!({"invite": 1})), "400 M_BAD_JSON"),
        post("create, an unknown version", Json(json!({"room_version": "999"})), "400 M_UNSUPPORTED_ROOM_VERSION"),
        case("create, no token", Nobody, Method::POST, CREATE, Json(json!({})), "401 M_MISSING_TOKEN"),
        case(
            "upgrade to an unknown version",
            Alice,
            Method::POST,
            room(&stage.room, "upgrade"),
            Json(json!({"new_version": "999"})),
            "400 M_UNSUPPORTED_ROOM_VERSION",
        ),
    ]
}

fn sending(stage: &Stage) -> Vec<Case> {
    let encrypted = |room_id: &str| room(room_id, "send/m.room.encrypted/bad");
    let put = |name, path, body, expected| case(name, Alice, Method::PUT, path, body, expected);
    let text = json!({"msgtype": "m.text", "body": "in clear"});
    let secret = || Json(json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}));
    let state = |event_type: &str| room(&stage.room, &format!("state/{event_type}"));
    vec![
        put("a message in clear", room(&stage.room, "send/m.room.message/bad"), Json(text), "403 M_FORBIDDEN"),
        put("a message in a foreign room", encrypted(&stage.foreign), secret(), "403 M_FORBIDDEN"),
        put("a message in no room", encrypted("!none:localhost"), secret(), "404 M_NOT_FOUND"),
        put("a message to what is no room id", encrypted("none"), secret(), "400 M_BAD_JSON"),
        put("a message, no JSON", encrypted(&stage.room), Text("x".into()), "400 M_NOT_JSON"),
        put("a message, an array", encrypted(&stage.room), Json(json!([])), "400 M_BAD_JSON"),
        put("a message with a fraction", encrypted(&stage.room), Json(json!({"a": 0.5})), "400 M_BAD_JSON"),
        put("a large message", encrypted(&stage.room), Json(json!({"a": "x".repeat(70_000)})), "413 M_TOO_LARGE"),
        put("power levels of text", state("m.room.power_levels"), Json(json!({"users_default": "much"})), "403 M_FORBIDDEN"),
        put("encryption turned off", state("m.room.encryption"), Json(json!({"algorithm": "none"})), "403 M_FORBIDDEN"),
        put(
            "state in a foreign room",
            room(&stage.foreign, "state/m.room.name"),
            Json(json!({"name": "x"})),
            "403 M_FORBIDDEN",
        ),
        put("a second creation", state("m.room.create"), Json(json!({})), "403 M_FORBIDDEN"),
        put("redacting what is unknown", room(&stage.room, "redact/$none/bad"), Json(json!({})), "404 M_NOT_FOUND"),
        case("a message by a logged-out device", Gone, Method::PUT, encrypted(&stage.room), secret(), "401 M_UNKNOWN_TOKEN"),
    ]
}

fn membership(stage: &Stage) -> Vec<Case> {
    let post = |name, path: String, body: Value, expected| case(name, Alice, Method::POST, path, Json(body), expected);
    let who = |user: &str| json!({"user_id": user});
    let bob = stage.bob.user_id.as_str();
    let alice = stage.alice.user_id.as_str();
    let join = |room: &str| format!("/_matrix/client/v3/join/{room}");
    vec![
        post("joining a private room", join(&stage.foreign), json!({}), "403 M_FORBIDDEN"),
        post("joining no room", join("!none:localhost"), json!({}), "404 M_NOT_FOUND"),
        post("joining an unknown address", join("%23none:localhost"), json!({}), "404 M_NOT_FOUND"),
        post("inviting to a foreign room", room(&stage.foreign, "invite"), who(alice), "403 M_FORBIDDEN"),
        post("inviting who is in", room(&stage.room, "invite"), who(alice), "403 M_FORBIDDEN"),
        post("inviting what is no user", room(&stage.room, "invite"), who("bob"), "400 M_BAD_JSON"),
        post("kicking who is not in", room(&stage.room, "kick"), who(bob), "403 M_FORBIDDEN"),
        post("kicking in a foreign room", room(&stage.foreign, "kick"), who(bob), "403 M_FORBIDDEN"),
        post("lifting no ban", room(&stage.room, "unban"), who(bob), "403 M_FORBIDDEN"),
        post("leaving a foreign room", room(&stage.foreign, "leave"), json!({}), "403 M_FORBIDDEN"),
    ]
}

fn reading(stage: &Stage) -> Vec<Case> {
    let get = |name, path: String, expected| case(name, Alice, Method::GET, path, Nothing, expected);
    vec![
        get("an unknown event", room(&stage.room, "event/$none"), "404 M_NOT_FOUND"),
        get("an event from another room", room(&stage.foreign, &format!("event/{}", stage.event)), "403 M_FORBIDDEN"),
        get("messages of a foreign room", room(&stage.foreign, "messages?dir=b"), "403 M_FORBIDDEN"),
        get("messages in no direction", room(&stage.room, "messages?dir=x"), "400 M_BAD_JSON"),
        get("messages from nowhere", room(&stage.room, "messages?dir=b&from=x"), "400 M_INVALID_PARAM"),
        get("state of a foreign room", room(&stage.foreign, "state"), "403 M_FORBIDDEN"),
        get("members of a foreign room", room(&stage.foreign, "joined_members"), "403 M_FORBIDDEN"),
        get("unknown state", room(&stage.room, "state/org.example.none"), "404 M_NOT_FOUND"),
        get("a sync from nowhere", "/_matrix/client/v3/sync?timeout=0&since=x".to_owned(), "400 M_INVALID_PARAM"),
        get(
            "a sync with an unknown filter",
            "/_matrix/client/v3/sync?timeout=0&filter=999".to_owned(),
            "400 M_INVALID_PARAM",
        ),
    ]
}
