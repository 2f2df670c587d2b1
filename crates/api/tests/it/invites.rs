//! Invites and admins over HTTP: who may make them, what they admit to, and what everybody else is told.

use api::{ApiSettings, Registration};
use domain::directory::RegistrationTokenHash;
use serde_json::{Value, json};

use crate::http::{Answer, Server};

const INVITES: &str = "unstable/org.hearth.admin/invites";

/// Alice is an admin, Bob is not, and whoever comes needs an invite.
async fn server() -> Server {
    let mut server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    server.set(settings(Registration::Invite(Vec::new())));
    server
}

fn settings(registration: Registration) -> ApiSettings {
    let first_account = Some(RegistrationTokenHash::of("the-first-link"));
    ApiSettings { registration, first_account, web_url: "https://chat.h".to_owned(), ..ApiSettings::default() }
}

async fn sign_up(server: &Server, name: &str, token: &str) -> Answer {
    let auth = json!({ "type": "m.login.registration_token", "token": token });
    let body = json!({
        "username": name, "password": "correct horse battery", "auth": auth, "org.hearth.email": "taken@example.org",
    });
    server.call("nobody", "POST", "v3/register", body).await
}

async fn is_valid(server: &Server, token: &str) -> bool {
    let path = format!("v1/register/m.login.registration_token/validity?token={token}");
    server.get("nobody", &path).await["valid"].as_bool().unwrap()
}

async fn make(server: &Server, body: Value) -> (String, String) {
    let made = server.post("alice", INVITES, body).await;
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    assert_eq!(text("link"), format!("https://chat.h/#/join/{}", text("token")));
    (text("id"), text("token"))
}

#[tokio::test]
async fn an_invite_lets_so_many_in_and_outlives_a_restart() {
    let mut server = server().await;
    let (id, token) = make(&server, json!({ "uses": 2, "expires_after_ms": 60_000, "note": "the neighbours" })).await;
    assert!(is_valid(&server, &token).await);
    assert_eq!(sign_up(&server, "carol", &token).await.status, 200);
    assert!(server.restart());
    server.set(settings(Registration::Invite(Vec::new())));
    let listed = server.get("alice", INVITES).await;
    let invite = &listed["invites"][0];
    assert_eq!(invite["id"], id);
    assert_eq!((&invite["by"], &invite["note"]), (&json!("@alice:h"), &json!("the neighbours")));
    assert_eq!((&invite["uses"], &invite["uses_max"], &invite["is_open"]), (&json!(1), &json!(2), &json!(true)));
    assert!(!listed.to_string().contains(&token), "only who made it has ever seen the token");
    // An address that is taken is told to those alone who may come in.
    let taken = sign_up(&server, "dave", &token).await;
    assert_eq!((taken.status, taken.errcode()), (400, "M_THREEPID_IN_USE"));
    let body = json!({ "username": "dave", "password": "correct horse battery",
        "auth": { "type": "m.login.registration_token", "token": token } });
    server.call("nobody", "POST", "v3/register", body).await.ok();
    assert!(!is_valid(&server, &token).await, "it is used up");
    let refused = sign_up(&server, "erin", &token).await;
    assert_eq!((refused.status, refused.errcode()), (401, "M_FORBIDDEN"));
    assert_eq!(server.get("alice", INVITES).await["invites"][0]["is_open"], json!(false));
}

#[tokio::test]
async fn an_invite_ends_by_its_time_and_by_being_revoked() {
    let server = server().await;
    let (_, for_a_minute) = make(&server, json!({ "expires_after_ms": 60_000 })).await;
    let (id, revoked) = make(&server, json!({})).await;
    assert!(is_valid(&server, &revoked).await);
    server.call("alice", "DELETE", &format!("{INVITES}/{id}"), Value::Null).await.ok();
    server.node.clock.advance(60_000);
    for token in [for_a_minute, revoked, "of-nobody".to_owned()] {
        assert!(!is_valid(&server, &token).await);
        let answer = sign_up(&server, "alice", &token).await;
        assert_eq!((answer.status, answer.errcode()), (401, "M_FORBIDDEN"), "{}", answer.body);
    }
    let again = server.call("alice", "DELETE", &format!("{INVITES}/{id}"), Value::Null).await;
    assert_eq!((again.status, again.errcode()), (404, "M_NOT_FOUND"));
}

#[tokio::test]
async fn only_admins_are_let_in() {
    let server = server().await;
    let (id, _) = make(&server, json!({})).await;
    let admin = "unstable/org.hearth.admin";
    for (method, path) in [
        ("POST", INVITES.to_owned()),
        ("GET", INVITES.to_owned()),
        ("DELETE", format!("{INVITES}/{id}")),
        ("GET", format!("{admin}/users")),
        ("PUT", format!("{admin}/admins/bob")),
    ] {
        for (who, expected) in [("bob", (403, "M_FORBIDDEN")), ("nobody", (401, "M_MISSING_TOKEN"))] {
            let answer = server.call(who, method, &path, json!({})).await;
            assert_eq!((answer.status, answer.errcode()), expected, "{who}: {method} {path}");
        }
        server.call("alice", method, &path, json!({})).await.ok();
    }
    let page = server.get("bob", &format!("{admin}/users")).await;
    let admins = page["users"].as_array().unwrap().iter().map(|user| (&user["user_id"], &user["is_admin"]));
    let expected = [(&json!("@alice:h"), &json!(true)), (&json!("@bob:h"), &json!(true))];
    assert_eq!(admins.collect::<Vec<_>>(), expected, "Bob is one now");
    let nobody = server.call("alice", "PUT", &format!("{admin}/admins/nobody"), json!({})).await;
    assert_eq!((nobody.status, nobody.errcode()), (404, "M_NOT_FOUND"));
}

#[tokio::test]
async fn on_a_closed_server_nobody_is_invited_and_on_an_open_one_nobody_must_be() {
    let mut server = server().await;
    let (_, token) = make(&server, json!({})).await;
    server.set(settings(Registration::Closed));
    assert!(!is_valid(&server, &token).await);
    let refused = server.call("alice", "POST", INVITES, json!({})).await;
    assert_eq!((refused.status, refused.errcode()), (403, "M_FORBIDDEN"));
    assert!(refused.body["error"].as_str().unwrap().contains("registration.mode"), "{}", refused.body);
    assert_eq!(sign_up(&server, "carol", &token).await.status, 403);
    server.set(settings(Registration::Open));
    assert!(is_valid(&server, &token).await);
    let body = json!({ "username": "dave", "password": "correct horse battery", "auth": { "type": "m.login.dummy" } });
    server.call("nobody", "POST", "v3/register", body).await.ok();
    sign_up(&server, "carol", &token).await.ok();
    assert!(!is_valid(&server, &token).await, "who comes with an invite uses it");
}

#[tokio::test]
async fn the_first_link_makes_one_account_an_admin_in_every_mode() {
    for registration in [Registration::Open, Registration::Invite(Vec::new()), Registration::Closed] {
        let mut server = Server::with(&[]).await;
        server.set(settings(registration.clone()));
        assert!(is_valid(&server, "the-first-link").await, "{registration:?}");
        let opened = sign_up(&server, "root", "the-first-link").await.ok();
        server.logged_in("root", opened["access_token"].as_str().unwrap().to_owned());
        assert_eq!(server.get("root", INVITES).await, json!({ "invites": [] }), "{registration:?}");
        assert!(!is_valid(&server, "the-first-link").await, "{registration:?}");
        let second = sign_up(&server, "second", "the-first-link").await;
        assert!([401, 403].contains(&second.status), "{registration:?}: {}", second.body);
    }
}
