//! Locked accounts (spec: "Account locking"): who locks them, and what their owners are told until they are unlocked.

use api::{Class, route_table};
use axum::body::Body;
use serde_json::{Value, json};

use crate::{
    door::path_of,
    http::{Answer, Server},
};

const LOCK: &str = "v1/admin/lock/@bob:h";
const PASSWORD: &str = "correct horse battery";

/// Alice is an admin, and Bob is none.
async fn server() -> Server {
    let server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    server
}

async fn set_locked(server: &Server, locked: bool) {
    assert_eq!(server.put("alice", LOCK, json!({ "locked": locked })).await, json!({ "locked": locked }));
}

fn is_locked_out(answer: &Answer) -> bool {
    let is_locked = answer.errcode() == "M_USER_LOCKED";
    // Clients that do not know the code keep their keys by this.
    assert!(!is_locked || (answer.status == 401 && answer.body["soft_logout"] == json!(true)), "{}", answer.body);
    is_locked
}

#[tokio::test]
async fn a_locked_account_is_let_in_nowhere_but_to_log_out() {
    let mut server = server().await;
    set_locked(&server, true).await;
    for route in route_table().into_iter().filter(|route| route.class.needs_session()) {
        let path = format!("{}?timeout=0", path_of(&route));
        if route.class != Class::Logout {
            let answer = server.call_with("bob", route.method.as_str(), &path, Body::from("{}")).await;
            assert!(is_locked_out(&answer), "{} {}: {}", route.method, route.path, answer.body);
        }
    }
    let admitting: Vec<_> = route_table().into_iter().filter(|route| route.class == Class::Logout).collect();
    assert!(!admitting.is_empty() && admitting.iter().all(|route| route.path.contains("/logout")), "{admitting:?}");
    // The lock outlives a restart, and the session outlives the lock.
    assert!(server.restart());
    assert_eq!(server.get("alice", LOCK).await, json!({ "locked": true }));
    assert!(is_locked_out(&server.call("bob", "GET", "v3/account/whoami", Value::Null).await));
    set_locked(&server, false).await;
    assert_eq!(server.get("bob", "v3/account/whoami").await["device_id"], "PHONE");
    set_locked(&server, true).await;
    server.post("bob", "v3/logout", json!({})).await;
    set_locked(&server, false).await;
    let gone = server.call("bob", "GET", "v3/account/whoami", Value::Null).await;
    assert_eq!((gone.status, gone.errcode()), (401, "M_UNKNOWN_TOKEN"));
}

#[tokio::test]
async fn a_locked_account_opens_no_session_and_only_its_owner_learns_why() {
    let mut server = server().await;
    let body =
        json!({ "username": "carol", "password": PASSWORD, "auth": { "type": "m.login.dummy" }, "refresh_token": true });
    let registered = server.post("nobody", "v3/register", body).await;
    server.logged_in("carol", registered["access_token"].as_str().unwrap().to_owned());
    let log_in = async |password: &str| {
        let identifier = json!({ "type": "m.id.user", "user": "carol" });
        let body = json!({ "type": "m.login.password", "identifier": identifier, "password": password });
        server.call("nobody", "POST", "v3/login", body).await
    };
    let refresh =
        async || server.call("nobody", "POST", "v3/refresh", json!({ "refresh_token": registered["refresh_token"] })).await;
    server.put("alice", "v1/admin/lock/carol", json!({ "locked": true })).await;
    assert_eq!(log_in("wrong").await.errcode(), "M_FORBIDDEN");
    assert!(is_locked_out(&log_in(PASSWORD).await));
    assert!(is_locked_out(&refresh().await));
    server.put("alice", "v1/admin/lock/carol", json!({ "locked": false })).await;
    log_in(PASSWORD).await.ok();
    refresh().await.ok();
}

#[tokio::test]
async fn only_admins_lock_and_no_admin_is_locked() {
    let server = server().await;
    for (who, method, path, expected) in [
        ("bob", "PUT", "v1/admin/lock/@alice:h", (403, "M_FORBIDDEN")),
        ("bob", "GET", "v1/admin/lock/@alice:h", (403, "M_FORBIDDEN")),
        ("bob", "PUT", "v1/admin/lock/@nobody:h", (403, "M_FORBIDDEN")),
        ("nobody", "PUT", LOCK, (401, "M_MISSING_TOKEN")),
        ("alice", "PUT", "v1/admin/lock/@alice:h", (403, "M_FORBIDDEN")),
        ("alice", "PUT", "v1/admin/lock/@nobody:h", (404, "M_NOT_FOUND")),
        ("alice", "GET", "v1/admin/lock/@nobody:h", (404, "M_NOT_FOUND")),
        ("alice", "PUT", "v1/admin/lock/@bob:elsewhere", (404, "M_NOT_FOUND")),
    ] {
        let body = if method == "GET" { Value::Null } else { json!({ "locked": true }) };
        let answer = server.call(who, method, path, body).await;
        assert_eq!((answer.status, answer.errcode()), expected, "{who}: {method} {path}");
    }
    let unsaid = server.call("alice", "PUT", LOCK, json!({})).await;
    assert_eq!((unsaid.status, unsaid.errcode()), (400, "M_BAD_JSON"));
    assert_eq!(server.get("alice", LOCK).await, json!({ "locked": false }));
    let can = async |who: &str| server.get(who, "v3/capabilities").await["capabilities"]["m.account_moderation"].clone();
    assert_eq!((can("alice").await, can("bob").await), (json!({ "lock": true }), Value::Null));
    // Clients of before Matrix 1.18 look for it under its name of then.
    assert_eq!(server.get("nobody", "versions").await["unstable_features"]["uk.timedout.msc4323"], json!(true));
    let unstable = "unstable/uk.timedout.msc4323/admin/lock/@bob:h";
    assert_eq!(server.get("alice", unstable).await, json!({ "locked": false }));
}
