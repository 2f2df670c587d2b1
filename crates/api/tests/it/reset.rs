//! Links by which passwords are reset: made by admins, used once by whoever has one.

use std::num::NonZeroU32;

use api::RateLimits;
use domain::user::admin::RESET_TIME_MS;
use serde_json::{Value, json};

use crate::http::{Answer, Server};

const LINK: &str = "unstable/org.hearth.admin/users/bob/reset_link";
const CHECK: &str = "unstable/org.hearth.reset/link";
const RESET: &str = "unstable/org.hearth.reset/password";
const NEW: &str = "a new password";

/// Alice is an admin, and Bob has forgotten his password.
async fn server() -> Server {
    let server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    server
}

/// The token of a new link for Bob.
async fn link(server: &Server) -> String {
    let made = server.post("alice", LINK, json!({})).await;
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["link"], format!("http://localhost:8008/#/reset/{token}"));
    assert_eq!(made["user_id"], "@bob:h");
    token.to_owned()
}

async fn check(server: &Server, token: &str) -> Answer {
    server.call("nobody", "POST", CHECK, json!({ "token": token })).await
}

async fn reset(server: &Server, token: &str, more: Value) -> Answer {
    let mut body = json!({ "token": token, "new_password": NEW });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    server.call("nobody", "POST", RESET, body).await
}

async fn log_in(server: &Server) -> Answer {
    let identifier = json!({ "type": "m.id.user", "user": "bob" });
    let body = json!({ "type": "m.login.password", "identifier": identifier, "password": NEW });
    server.call("nobody", "POST", "v3/login", body).await
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.errcode())
}

#[tokio::test]
async fn a_link_sets_one_password_and_leaves_keys_as_they_are() {
    let mut server = server().await;
    let backup = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": { "public_key": "q6XwKwpKAVVHrIBxhsBWVwq6XwKwpKAVVHrIBxhsBWU" } });
    server.post("bob", "v3/room_keys/version", backup).await;
    let backup = server.get("bob", "v3/room_keys/version").await;
    let token = link(&server).await;
    assert!(server.restart(), "a link outlives it");
    let checked = check(&server, &token).await.ok();
    assert_eq!(checked["user_id"], "@bob:h");
    let weak = reset(&server, &token, json!({ "new_password": "short" })).await;
    assert_eq!(refused(&weak), (400, "M_WEAK_PASSWORD"));
    let done = reset(&server, &token, json!({})).await.ok();
    assert_eq!(done, json!({ "user_id": "@bob:h", "ended_sessions": 1, "keys": "unchanged" }));
    for answer in [check(&server, &token).await, reset(&server, &token, json!({})).await] {
        assert_eq!(refused(&answer), (403, "M_FORBIDDEN"), "it is used up");
    }
    let ended = server.call("bob", "GET", "v3/account/whoami", Value::Null).await;
    assert_eq!(refused(&ended), (401, "M_UNKNOWN_TOKEN"));
    let opened = log_in(&server).await.ok();
    server.logged_in("bob", opened["access_token"].as_str().unwrap().to_owned());
    assert_eq!(server.get("bob", "v3/room_keys/version").await, backup);
}

#[tokio::test]
async fn sessions_go_on_when_that_is_asked_for() {
    let server = server().await;
    let token = link(&server).await;
    let done = reset(&server, &token, json!({ "logout_devices": false })).await.ok();
    assert_eq!(done["ended_sessions"], 0);
    assert_eq!(server.get("bob", "v3/account/whoami").await["user_id"], "@bob:h");
    log_in(&server).await.ok();
}

#[tokio::test]
async fn a_link_ends_by_its_time_by_a_newer_one_and_with_the_account() {
    let server = server().await;
    let first = link(&server).await;
    let second = link(&server).await;
    assert_eq!(refused(&check(&server, &first).await), (403, "M_FORBIDDEN"), "there is a newer one");
    check(&server, &second).await.ok();
    server.node.clock.advance(RESET_TIME_MS);
    assert_eq!(refused(&check(&server, &second).await), (403, "M_FORBIDDEN"), "it has expired");
    assert_eq!(refused(&reset(&server, &second, json!({})).await), (403, "M_FORBIDDEN"));
    let third = link(&server).await;
    server.post("alice", "unstable/org.hearth.admin/users/bob/deactivate", json!({})).await;
    assert_eq!(refused(&reset(&server, &third, json!({})).await), (403, "M_FORBIDDEN"), "the account is closed");
    let closed = server.call("alice", "POST", LINK, json!({})).await;
    assert_eq!(refused(&closed), (403, "M_USER_DEACTIVATED"));
}

#[tokio::test]
async fn only_admins_make_links() {
    let server = server().await;
    let of = |name: &str| format!("unstable/org.hearth.admin/users/{name}/reset_link");
    for (who, name, expected) in [
        ("bob", "bob", (403, "M_FORBIDDEN")),
        ("bob", "nobody", (403, "M_FORBIDDEN")),
        ("nobody", "bob", (401, "M_MISSING_TOKEN")),
        ("alice", "nobody", (404, "M_NOT_FOUND")),
    ] {
        let answer = server.call(who, "POST", &of(name), json!({})).await;
        assert_eq!(refused(&answer), expected, "{who}: {name}");
    }
    let token = link(&server).await;
    let ledger = server.get("bob", "unstable/org.hearth.admin/ledger").await;
    assert!(!ledger.to_string().contains(&token), "only who made it has ever seen the token");
}

#[tokio::test]
async fn guesses_are_limited_and_keep_nobody_from_their_link() {
    let mut server = server().await;
    let token = link(&server).await;
    let number = |value| NonZeroU32::new(value).unwrap();
    let limits =
        RateLimits { failed_logins_per_hour: number(3), logins_per_minute: number(10_000), ..RateLimits::default() };
    server.limit(&limits);
    let mut statuses = Vec::new();
    for n in 0..12 {
        server.come_from([10, 0, 0, n]);
        for path in [CHECK, RESET] {
            let body = json!({ "token": "a guess", "new_password": NEW });
            statuses.push(server.call("nobody", "POST", path, body).await.status);
        }
    }
    // As with passwords: one mistake at once from each address, and ten from all strange ones together.
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| [403, 429].contains(status)), "{statuses:?}");
    reset(&server, &token, json!({})).await.ok();
}
