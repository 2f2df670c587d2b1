//! What somebody without a session may ask, route by route, and what nobody is told: whether something exists that is
//! not theirs.

use std::collections::BTreeSet;

use api::{ApiSettings, Registration, Strangers, route_table};
use axum::body::Body;
use serde_json::{Value, json};

use crate::http::{Answer, Server, escaped};

/// Every route that lets strangers in where an admin has allowed everything, and what it answers where nothing is set.
/// A new one is added with its answer, by somebody who has thought about it.
const ROUTES: &[(&str, &str, u16, &str)] = &[
    // None, because no request in this process says by which name it came.
    ("GET", "/.well-known/matrix/client", 404, "M_NOT_FOUND"),
    ("GET", "/.well-known/matrix/support", 404, "M_NOT_FOUND"),
    ("GET", "/_matrix/client/versions", 200, ""),
    // An address is made to be given to others.
    ("GET", "/_matrix/client/v3/directory/room/{room_alias}", 404, "M_NOT_FOUND"),
    // Whether a room is on the list, and nothing of whether there is one.
    ("GET", "/_matrix/client/v3/directory/list/room/{room_id}", 200, ""),
    // Rooms that everybody may know of.
    ("GET", "/_matrix/client/v1/room_summary/{room_id_or_alias}", 404, "M_NOT_FOUND"),
    // Nothing here is so old that strangers may have it.
    ("GET", "/_matrix/media/v3/download/{server_name}/{media_id}", 404, "M_NOT_FOUND"),
    ("GET", "/_matrix/media/v3/download/{server_name}/{media_id}/{filename}", 404, "M_NOT_FOUND"),
    ("GET", "/_matrix/media/v3/thumbnail/{server_name}/{media_id}", 400, "M_BAD_JSON"),
    // For third parties, who show a token that somebody made for them.
    ("GET", "/_matrix/federation/v1/openid/userinfo", 401, "M_UNKNOWN_TOKEN"),
    // What the admin chooses.
    ("GET", "/_matrix/client/v3/profile/{user_id}", 401, "M_MISSING_TOKEN"),
    ("GET", "/_matrix/client/v3/profile/{user_id}/{field}", 401, "M_MISSING_TOKEN"),
    ("GET", "/_matrix/client/v3/publicRooms", 401, "M_MISSING_TOKEN"),
    // The ways in, counted by address.
    ("GET", "/_matrix/client/v3/login", 200, ""),
    ("POST", "/_matrix/client/v3/login", 400, "M_BAD_JSON"),
    ("POST", "/_matrix/client/v3/refresh", 400, "M_BAD_JSON"),
    ("POST", "/_matrix/client/v3/register", 401, ""),
    // The same for every address.
    ("POST", "/_matrix/client/v3/account/password/email/requestToken", 400, "M_BAD_JSON"),
    ("POST", "/_matrix/client/v3/account/3pid/email/requestToken", 400, "M_BAD_JSON"),
    ("POST", "/_matrix/client/v3/register/email/requestToken", 400, "M_BAD_JSON"),
    ("GET", "/_matrix/client/v3/register/available", 400, "M_BAD_JSON"),
    ("GET", "/_matrix/client/v1/register/m.login.registration_token/validity", 400, "M_BAD_JSON"),
];

fn everything_allowed() -> Strangers {
    Strangers { profiles: true, public_rooms: true }
}

/// A path that names nothing that there is.
fn path_of(path: &str) -> String {
    path.replace("{room_alias}", "%23nowhere:h")
        .replace("{room_id}", "!nowhere:h")
        .replace("{room_id_or_alias}", "!nowhere:h")
        .replace("{user_id}", "@nobody:h")
        .replace("{field}", "displayname")
        .replace("{server_name}", "h")
        .replace("{media_id}", "nothing")
        .replace("{filename}", "nothing")
}

/// Whether there is the same under another path: one that is not stable yet, or one of older clients.
fn is_other_name(path: &str) -> bool {
    path.contains("/unstable/") || path.contains("/r0/")
}

#[test]
fn every_route_for_strangers_is_in_the_table() {
    let open: BTreeSet<(String, &str)> = route_table()
        .into_iter()
        .filter(|route| everything_allowed().may_ask(route.class) && !is_other_name(route.path))
        .map(|route| (route.method.to_string(), route.path))
        .collect();
    assert_eq!(open, ROUTES.iter().map(|(method, path, ..)| ((*method).to_owned(), *path)).collect());
}

#[test]
fn other_names_of_a_route_are_as_open_as_the_route() {
    let table = route_table();
    for route in table.iter().filter(|route| everything_allowed().may_ask(route.class) && is_other_name(route.path)) {
        let stable = |other: &&api::Route| !is_other_name(other.path) && other.class == route.class;
        assert!(table.iter().any(|other| stable(&other)), "{}", route.path);
    }
}

#[tokio::test]
async fn strangers_are_answered_as_the_table_says() {
    let server = Server::with(&["alice"]).await;
    for (method, path, status, errcode) in ROUTES {
        let body = if *method == "GET" { Body::empty() } else { Body::from("{}") };
        let answer = server.call_with("nobody", method, &path_of(path), body).await;
        assert_eq!((answer.status, answer.errcode()), (*status, *errcode), "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_admin_may_let_strangers_ask() {
    let mut server = Server::with(&["alice"]).await;
    server.put("alice", "v3/profile/@alice:h/displayname", json!({ "displayname": "Alice" })).await;
    for (strangers, profiles, rooms) in [
        (Strangers::default(), 401, 401),
        (Strangers { profiles: true, ..Strangers::default() }, 200, 401),
        (Strangers { public_rooms: true, ..Strangers::default() }, 401, 200),
    ] {
        server.set(ApiSettings { strangers, ..ApiSettings::default() });
        for (path, status) in
            [("v3/profile/@alice:h", profiles), ("v3/profile/@alice:h/displayname", profiles), ("v3/publicRooms", rooms)]
        {
            let stranger = server.call("nobody", "GET", path, Value::Null).await;
            assert_eq!(stranger.status, status, "{strangers:?} {path}: {}", stranger.body);
            server.call("alice", "GET", path, Value::Null).await.ok();
        }
    }
}

#[tokio::test]
async fn an_access_token_in_an_address_is_refused_unless_it_is_allowed() {
    let mut server = Server::with(&["alice"]).await;
    let login = server.node.engine().unwrap().submit(domain::user::OpenSession {
        user_id: "@alice:h".try_into().unwrap(),
        session: domain::user::NewSession::default(),
    });
    let token = login.await.unwrap().access_token;
    let path = format!("v3/account/whoami?access_token={token}");
    let refused = server.call("nobody", "GET", &path, Value::Null).await;
    assert_eq!((refused.status, refused.errcode()), (401, "M_MISSING_TOKEN"));
    assert!(refused.body["error"].as_str().unwrap().contains("Authorization: Bearer"), "{}", refused.body);
    // Who sends the header as well is let in, whatever stands in the address.
    server.get("alice", &path).await;
    server.set(ApiSettings { access_token_in_url: true, ..ApiSettings::default() });
    assert_eq!(server.get("nobody", &path).await["user_id"], "@alice:h");
}

/// Who asks for what is there and for what is not.
type Twins = (&'static str, &'static str, String, String, Value);

/// Requests that differ only in whether what they name exists.
async fn twins(server: &Server) -> Vec<Twins> {
    let room = server.room("alice", json!({ "preset": "private_chat" })).await;
    let event = server.send("alice", &room, "1", Value::Null).await;
    let (no_room, no_event) = (escaped("!nowhere:h"), escaped(&format!("${}", "A".repeat(43))));
    let plain = |id: &str| id.replace("%24", "$");
    let get = |who: &'static str, there: String, nowhere: String| (who, "GET", there, nowhere, Value::Null);
    let mut twins = Vec::new();
    for who in ["nobody", "mallory"] {
        for path in ["v3/directory/list/room/ROOM", "v1/room_summary/ROOM"] {
            twins.push(get(who, path.replace("ROOM", &room), path.replace("ROOM", &no_room)));
        }
    }
    twins.push(get("nobody", "v3/profile/@alice:h".to_owned(), "v3/profile/@nobody:h".to_owned()));
    twins.push(get("nobody", "v3/profile/@alice:h/displayname".to_owned(), "v3/profile/@nobody:h/displayname".to_owned()));
    for path in [
        "v3/rooms/ROOM/state",
        "v3/rooms/ROOM/members",
        "v3/rooms/ROOM/joined_members",
        "v3/rooms/ROOM/messages?dir=b",
        "v3/rooms/ROOM/aliases",
        "v1/rooms/ROOM/hierarchy",
        "v1/rooms/ROOM/threads",
        "v1/rooms/ROOM/timestamp_to_event?ts=9999999999999&dir=b",
    ] {
        twins.push(get("mallory", path.replace("ROOM", &room), path.replace("ROOM", &no_room)));
    }
    for path in ["event/EVENT", "context/EVENT"] {
        let path = format!("v3/rooms/{room}/{path}");
        twins.push(get("mallory", path.replace("EVENT", &event), path.replace("EVENT", &no_event)));
    }
    let redact = |event: &str, n: u8| format!("v3/rooms/{room}/redact/{event}/{n}");
    twins.push(("mallory", "PUT", redact(&event, 1), redact(&no_event, 2), json!({})));
    let send = |room: &str| format!("v3/rooms/{room}/send/m.room.redaction/3");
    twins.push(("mallory", "PUT", send(&room), send(&no_room), json!({ "redacts": plain(&event) })));
    twins
}

fn said(answer: &Answer) -> (u16, &Value) {
    (answer.status, &answer.body)
}

#[tokio::test]
async fn nobody_is_told_whether_there_is_what_is_not_theirs() {
    let server = Server::with(&["alice", "mallory"]).await;
    for (who, method, there, nowhere, body) in twins(&server).await {
        let first = server.call(who, method, &there, body.clone()).await;
        let second = server.call(who, method, &nowhere, body).await;
        assert_eq!(said(&first), said(&second), "{who} {method} {there}");
    }
}

#[tokio::test]
async fn a_redaction_by_an_outsider_says_nothing_of_the_event() {
    let server = Server::with(&["alice", "mallory"]).await;
    let room = server.room("alice", json!({ "preset": "private_chat" })).await;
    let event = server.send("alice", &room, "1", Value::Null).await.replace("%24", "$");
    let mut answers = Vec::new();
    for (n, redacts) in [event, format!("${}", "A".repeat(43))].into_iter().enumerate() {
        let path = format!("v3/rooms/{room}/send/m.room.redaction/{n}");
        let answer = server.call("mallory", "PUT", &path, json!({ "redacts": redacts })).await;
        answers.push((answer.status, answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 403);
}

#[tokio::test]
async fn a_closed_server_does_not_say_which_names_are_taken() {
    let mut server = Server::with(&["alice"]).await;
    server.set(ApiSettings { registration: Registration::Closed, ..ApiSettings::default() });
    for name in ["alice", "free", "Not A Name"] {
        let body = json!({ "username": name, "password": "correct horse battery", "auth": { "type": "m.login.dummy" } });
        let register = server.call("nobody", "POST", "v3/register", body).await;
        assert_eq!((register.status, register.errcode()), (403, "M_FORBIDDEN"), "{name}");
        let path = format!("v3/register/available?username={}", name.replace(' ', "%20"));
        let available = server.call("nobody", "GET", &path, Value::Null).await;
        assert_eq!(said(&available), said(&register), "{name}");
    }
}

#[tokio::test]
async fn people_are_found_by_parts_of_their_names_only_where_the_admin_wants_it() {
    let mut server = Server::with(&["alice", "alicia", "mallory"]).await;
    for (search_all_users, term, expected) in [
        (false, "ali", vec![]),
        (false, "alice", vec!["@alice:h"]),
        (false, "@ALICE:h", vec!["@alice:h"]),
        (true, "ali", vec!["@alice:h", "@alicia:h"]),
    ] {
        server.set(ApiSettings { search_all_users, ..ApiSettings::default() });
        let found = server.post("mallory", "v3/user_directory/search", json!({ "search_term": term })).await;
        let mut ids: Vec<_> =
            found["results"].as_array().unwrap().iter().map(|user| user["user_id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected, "{term} {search_all_users}");
    }
}
