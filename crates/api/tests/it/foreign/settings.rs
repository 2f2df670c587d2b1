//! What the admin has set, and what goes with a room that is replaced.

use api::{ApiSettings, Support};
use axum::body::Body;
use serde_json::{Value, json};

use super::together;
use crate::http::{Server, escaped};

#[tokio::test]
async fn how_to_get_help_is_told_where_the_admin_has_said_it() {
    let mut server = Server::with(&[]).await;
    let email = || Some("help@example.org".to_owned());
    let page = || Some("https://example.org/help".to_owned());
    let contacts = json!([{ "role": "m.role.admin", "email_address": "help@example.org" }]);
    for (support, status, expected) in [
        (Support::default(), 404, Value::Null),
        (Support { email: email(), page: None }, 200, json!({ "contacts": contacts })),
        (Support { email: None, page: page() }, 200, json!({ "support_page": page() })),
        (Support { email: email(), page: page() }, 200, json!({ "contacts": contacts, "support_page": page() })),
    ] {
        server.set(ApiSettings { support, ..ApiSettings::default() });
        let (found, headers, body) = server.whole("GET", "/.well-known/matrix/support", Body::empty()).await;
        assert_eq!((found, headers["access-control-allow-origin"].to_str().unwrap()), (status, "*"));
        if status == 404 {
            assert_eq!(body["errcode"], "M_NOT_FOUND");
        } else {
            assert_eq!(body, expected);
        }
    }
}

/// A person's own rules of a kind that notify of nothing, by their ids.
async fn muted(server: &Server, who: &str, kind: &str) -> Vec<String> {
    let rules = server.get(who, "v3/pushrules/global/").await;
    let own = rules[kind].as_array().unwrap().iter().filter(|rule| rule["default"] == false && rule["enabled"] == true);
    own.map(|rule| rule["rule_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn push_rules_go_with_whoever_joins_the_room_that_replaces_another() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    let old = together(&server).await;
    let id = old.replace("%21", "!").replace("%3A", ":");
    let mute = json!({ "actions": [] });
    let here = json!([{ "kind": "event_match", "key": "room_id", "pattern": id }]);
    let mute_here = json!({ "actions": [], "conditions": here });
    server.put("alice", &format!("v3/pushrules/global/room/{old}"), mute.clone()).await;
    server.put("bob", &format!("v3/pushrules/global/override/{old}"), mute_here.clone()).await;
    server.put("bob", "v3/pushrules/global/override/quiet", mute_here).await;
    server.put("bob", "v3/pushrules/global/room/%21other%3Ah", mute).await;
    let new = server.post("alice", &format!("v3/rooms/{old}/upgrade"), json!({ "new_version": "11" })).await;
    let new = new["replacement_room"].as_str().unwrap().to_owned();
    assert_eq!(muted(&server, "alice", "room").await, [new.clone(), id.clone()], "who replaces a room is in the new one");
    let room = escaped(&new);
    server.post("alice", &format!("v3/rooms/{room}/invite"), json!({ "user_id": "@bob:h" })).await;
    assert_eq!(muted(&server, "bob", "override").await, ["quiet", &id], "not before joining");
    for _ in 0..2 {
        server.post("bob", &format!("v3/join/{room}"), json!({})).await;
        let mut found = muted(&server, "bob", "override").await;
        found.sort();
        let mut expected = [id.clone(), new.clone(), "quiet".to_owned(), format!("quiet {new}")];
        expected.sort();
        assert_eq!(found, expected, "once");
    }
    assert_eq!(muted(&server, "bob", "room").await, ["!other:h"]);
    let rule = server.get("bob", &format!("v3/pushrules/global/override/{room}")).await;
    assert_eq!(rule["conditions"], json!([{ "kind": "event_match", "key": "room_id", "pattern": new }]));
    server.call("bob", "DELETE", &format!("v3/pushrules/global/override/{room}"), Value::Null).await.ok();
    assert!(!muted(&server, "bob", "override").await.contains(&new), "it can be taken away");
}
