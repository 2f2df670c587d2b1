//! What clients that were written elsewhere ask of every server, and in which shape they take the answers.

use axum::body::Body;
use serde_json::{Value, json};

use crate::http::{Server, escaped};

#[path = "foreign/bytes.rs"]
mod bytes;
#[path = "foreign/presence.rs"]
mod presence;
#[path = "foreign/restart.rs"]
mod restart;
#[path = "foreign/rooms.rs"]
mod rooms;
#[path = "foreign/settings.rs"]
mod settings;
#[path = "foreign/shapes.rs"]
mod shapes;
#[path = "foreign/threads.rs"]
mod threads;

/// A room of alice and bob.
async fn together(server: &Server) -> String {
    let room = server.room("alice", json!({ "preset": "private_chat", "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/join/{room}"), json!({})).await;
    room
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_a_form_that_pages_of_others_may_read() {
    let server = Server::with(&["alice"]).await;
    for (method, path, status) in [
        ("GET", "/_matrix/client/v1/auth_metadata", 404),
        ("GET", "/_matrix/client/unstable/org.example/nothing", 404),
        ("POST", "/_matrix/media/v9/upload", 404),
        ("GET", "/_matrix", 404),
        ("GET", "/_matrix/", 404),
        ("GET", "/_synapse/admin/v1/server_version", 404),
        ("DELETE", "/_synapse/", 404),
        ("GET", "/.well-known/matrix/server", 404),
        ("PATCH", "/_matrix/client/versions", 405),
    ] {
        let (found, headers, body) = server.whole(method, path, Body::empty()).await;
        assert_eq!((found, &body["errcode"]), (status, &json!("M_UNRECOGNIZED")), "{method} {path}");
        assert_eq!(headers["access-control-allow-origin"], "*", "{method} {path}");
        let (found, headers, _) = server.whole("OPTIONS", path, Body::empty()).await;
        assert_eq!((found, headers["access-control-allow-origin"].to_str().unwrap()), (200, "*"), "preflight of {path}");
        assert!(headers["access-control-allow-headers"].to_str().unwrap().contains("authorization"), "{path}");
    }
}

#[tokio::test]
async fn a_new_account_has_its_user_name_in_small_letters_for_a_display_name_and_is_found_by_itself() {
    let mut server = Server::with(&["bob"]).await;
    let auth = json!({ "type": "m.login.dummy" });
    let body = json!({ "username": "Alice", "password": "correct horse battery", "auth": auth });
    assert_eq!(server.get("nobody", "v3/register/available?username=ALICE").await["available"], true);
    let made = server.post("nobody", "v3/register", body).await;
    assert_eq!(made["user_id"], "@alice:h");
    server.logged_in("alice", made["access_token"].as_str().unwrap().to_owned());
    assert_eq!(server.get("alice", "v3/profile/@alice:h").await, json!({ "displayname": "alice" }));
    let taken = server.call("nobody", "GET", "v3/register/available?username=aLICE", Value::Null).await;
    assert_eq!((taken.status, taken.errcode()), (400, "M_USER_IN_USE"));
    let found = server.post("alice", "v3/user_directory/search", json!({ "search_term": "ali" })).await;
    assert_eq!(found["results"], json!([{ "user_id": "@alice:h", "display_name": "alice" }]));
    let of_bob = server.post("bob", "v3/user_directory/search", json!({ "search_term": "ali" })).await;
    assert_eq!(of_bob["results"], json!([]), "a stranger finds nobody by a part of a name");
}

#[tokio::test]
async fn people_verify_each_other_by_messages_in_clear_and_say_nothing_else_that_way() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    let request = json!({
        "body": "@alice:h is requesting to verify your key", "from_device": "PHONE", "methods": ["m.sas.v1"],
        "msgtype": "m.key.verification.request", "to": "@bob:h",
    });
    let mut with_words = request.clone();
    with_words["org.example.words"] = json!("hello");
    let step = json!({ "m.relates_to": { "rel_type": "m.reference", "event_id": "$x" }, "from_device": "PHONE" });
    for (number, (event_type, content, status)) in [
        ("m.room.message", &request, 200),
        ("m.key.verification.ready", &step, 200),
        ("m.key.verification.done", &step, 200),
        ("m.room.message", &with_words, 403),
        ("m.room.message", &json!({ "msgtype": "m.text", "body": "hello" }), 403),
        ("m.key.verification.words", &step, 403),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("v3/rooms/{room}/send/{event_type}/{number}");
        let sent = server.call("alice", "PUT", &path, content.clone()).await;
        assert_eq!(sent.status, status, "{event_type} {content}: {}", sent.body);
    }
}

#[tokio::test]
async fn what_is_reported_is_recorded_and_nobody_learns_who_there_is() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let room = together(&server).await;
    let event = server.send("alice", &room, "1", json!({})).await;
    let reason = json!({ "reason": "spam", "score": -100 });
    let long = json!({ "reason": "x".repeat(4_097) });
    let event = format!("v3/rooms/{room}/report/{event}");
    let room = format!("v3/rooms/{room}/report");
    for (who, path, body, status, errcode) in [
        ("bob", event.as_str(), &reason, 200, ""),
        ("bob", &event, &json!({}), 200, ""),
        ("carol", &event, &reason, 404, "M_NOT_FOUND"),
        ("bob", "v3/rooms/%21none%3Ah/report/%24none", &reason, 404, "M_NOT_FOUND"),
        ("bob", &room, &reason, 200, ""),
        ("carol", &room, &reason, 404, "M_NOT_FOUND"),
        ("bob", "v3/users/@alice:h/report", &reason, 200, ""),
        ("bob", "v3/users/@nobody:h/report", &reason, 200, ""),
        ("bob", "v3/users/@alice:h/report", &long, 413, "M_TOO_LARGE"),
        ("bob", "v3/users/@alice:h/report", &json!({}), 400, "M_BAD_JSON"),
    ] {
        let answer = server.call(who, "POST", path, body.clone()).await;
        assert_eq!((answer.status, answer.errcode()), (status, errcode), "{who} {path} {body}");
    }
    let payloads = server.node.payloads(1_000).unwrap();
    let reports: Vec<_> = payloads.iter().filter(|payload| payload.contains("\"reason\":\"spam\"")).collect();
    assert_eq!(reports.len(), 3, "an event, a room and a person: {reports:?}");
    assert!(reports[0].contains("\"reported_user_id\":\"@alice:h\""), "who sent the event: {reports:?}");
}

#[tokio::test]
async fn a_token_for_a_third_party_says_who_somebody_is_for_an_hour_and_opens_nothing() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let path = "v3/user/@alice:h/openid/request_token";
    assert_eq!(server.call("bob", "POST", path, json!({})).await.status, 403);
    let given = server.post("alice", path, json!({})).await;
    assert_eq!(
        (&given["token_type"], &given["matrix_server_name"], &given["expires_in"]),
        (&json!("Bearer"), &json!("h"), &json!(3_600))
    );
    let token = given["access_token"].as_str().unwrap().to_owned();
    let info = async |server: &Server, token: &str| {
        server
            .call_with(
                "nobody",
                "GET",
                &format!("/_matrix/federation/v1/openid/userinfo?access_token={token}"),
                Body::empty(),
            )
            .await
    };
    assert_eq!(info(&server, &token).await.ok(), json!({ "sub": "@alice:h" }));
    assert_eq!(info(&server, &token[1..]).await.errcode(), "M_UNKNOWN_TOKEN");
    server.node.clock.advance(3_600_000);
    assert_eq!(info(&server, &token).await.status, 401, "after an hour");
    server.logged_in("mallory", token);
    assert_eq!(server.call("mallory", "GET", "v3/account/whoami", Value::Null).await.status, 401);
}

#[tokio::test]
async fn the_rooms_that_two_people_share_are_told_to_both_and_to_nobody_else() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let room = together(&server).await.replace("%21", "!").replace("%3A", ":");
    server.room("alice", json!({})).await;
    for (who, other, rooms) in [
        ("alice", "bob", vec![&room]),
        ("bob", "alice", vec![&room]),
        ("alice", "carol", vec![]),
        ("alice", "nobody", vec![]),
    ] {
        let stable = server.get(who, &format!("v1/mutual_rooms?user_id=@{other}:h")).await;
        assert_eq!(stable, json!({ "joined": rooms, "count": rooms.len() }), "{who} {other}");
        let path = format!("unstable/uk.half-shot.msc2666/user/mutual_rooms?user_id=@{other}:h");
        assert_eq!(server.get(who, &path).await, json!({ "joined": rooms }));
    }
    let own = server.call("alice", "GET", "v1/mutual_rooms?user_id=@alice:h", Value::Null).await;
    assert_eq!((own.status, own.errcode()), (400, "M_INVALID_PARAM"));
}

#[tokio::test]
async fn clients_that_know_no_newer_paths_have_media_with_a_token_and_strangers_have_not() {
    let server = Server::with(&["alice"]).await;
    let uploaded =
        server.call_with("alice", "POST", "/_matrix/media/v3/upload?filename=a.txt", Body::from("some words")).await.ok();
    let media = uploaded["content_uri"].as_str().unwrap().strip_prefix("mxc://").unwrap().to_owned();
    for version in ["v3", "r0"] {
        for path in [format!("download/{media}"), format!("download/{media}/b.txt")] {
            let path = format!("/_matrix/media/{version}/{path}");
            assert_eq!(server.raw("alice", &path).await, (200, "some words".into()), "{path}");
            assert_eq!(server.raw("nobody", &path).await.0, 404, "{path}");
        }
        let thumbnail = format!("/_matrix/media/{version}/thumbnail/{media}?width=32&height=32");
        assert_eq!(
            (server.raw("alice", &thumbnail).await.0, server.raw("nobody", &thumbnail).await.0),
            (400, 404),
            "no picture"
        );
        let config = server.call_with("alice", "GET", &format!("/_matrix/media/{version}/config"), Body::empty()).await.ok();
        assert!(config["m.upload.size"].as_u64().is_some());
    }
}

#[tokio::test]
async fn everybody_is_told_of_their_own_devices_and_of_no_bridges() {
    let server = Server::with(&["alice", "bob"]).await;
    assert_eq!(server.get("alice", "v3/thirdparty/protocols").await, json!({}));
    let whois = server.get("alice", "v3/admin/whois/@alice:h").await;
    assert_eq!(whois["user_id"], "@alice:h");
    assert!(whois["devices"]["PHONE"]["sessions"][0]["connections"][0]["last_seen"].as_u64().is_some(), "{whois}");
    assert_eq!(server.call("alice", "GET", "v3/admin/whois/@bob:h", Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_search_finds_what_is_readable_and_nothing_that_is_not_open_to_the_one_who_searches() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let room = together(&server).await;
    let topic = format!("v3/rooms/{room}/state/m.room.topic/");
    server.put("alice", &topic, json!({ "topic": "Tea at five" })).await;
    server.put("alice", &topic, json!({ "topic": "Coffee at six" })).await;
    server.put("alice", &format!("v3/rooms/{room}/state/m.room.name/"), json!({ "name": "Tea room" })).await;
    for (who, criteria, found) in [
        ("alice", json!({ "search_term": "tea" }), vec!["Tea room", "Tea at five"]),
        ("bob", json!({ "search_term": "FIVE tea" }), vec!["Tea at five"]),
        ("bob", json!({ "search_term": "tea", "keys": ["content.name"] }), vec!["Tea room"]),
        ("bob", json!({ "search_term": "tea", "filter": { "limit": 1 } }), vec!["Tea room"]),
        (
            "bob",
            json!({ "search_term": "tea", "filter": { "not_rooms": [room.replace("%21", "!").replace("%3A", ":")] } }),
            vec![],
        ),
        ("bob", json!({ "search_term": "tea", "filter": { "types": ["m.room.topic"] } }), vec!["Tea at five"]),
        ("carol", json!({ "search_term": "tea" }), vec![]),
    ] {
        let answer = server.post(who, "v3/search", json!({ "search_categories": { "room_events": criteria } })).await;
        let events = &answer["search_categories"]["room_events"];
        let texts: Vec<&str> = events["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["result"]["content"]["topic"].as_str().or(one["result"]["content"]["name"].as_str()).unwrap())
            .collect();
        assert_eq!((texts, &events["count"]), (found.clone(), &json!(found.len())), "{who} {criteria}");
    }
}

#[tokio::test]
async fn a_search_goes_on_where_it_stopped_and_shows_what_stands_around() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = together(&server).await;
    for number in 0..3 {
        let path = format!("v3/rooms/{room}/state/m.room.topic/");
        server.put("alice", &path, json!({ "topic": format!("Tea {number}") })).await;
    }
    let criteria = json!({
        "search_term": "tea", "filter": { "limit": 2 }, "include_state": true,
        "event_context": { "before_limit": 1, "after_limit": 1, "include_profile": true },
        "groupings": { "group_by": [{ "key": "room_id" }, { "key": "sender" }] },
    });
    let body = json!({ "search_categories": { "room_events": criteria } });
    let first = server.post("bob", "v3/search", body.clone()).await;
    let events = &first["search_categories"]["room_events"];
    assert_eq!(events["results"][1]["context"]["events_before"][0]["content"]["topic"], "Tea 0");
    assert_eq!(events["results"][1]["context"]["events_after"][0]["content"]["topic"], "Tea 2");
    assert_eq!(events["results"][0]["context"]["events_after"], json!([]));
    assert_eq!(events["results"][0]["context"]["profile_info"]["@alice:h"]["displayname"], "alice");
    assert_eq!(events["groups"]["sender"]["@alice:h"]["results"].as_array().unwrap().len(), 2);
    assert_eq!(events["state"].as_object().unwrap().len(), 1);
    let next = escaped(events["next_batch"].as_str().unwrap());
    let second = server.post("bob", &format!("v3/search?next_batch={next}"), body).await;
    let events = &second["search_categories"]["room_events"];
    assert_eq!(events["results"][0]["result"]["content"]["topic"], "Tea 0");
    assert_eq!(events.get("next_batch"), None);
}
