//! Accounts that admins close, and admins who are made none.

use serde_json::{Value, json};

use crate::http::Server;

const ADMINS: &str = "unstable/org.hearth.admin/admins";
const BOB: &str = "unstable/org.hearth.admin/users/bob/deactivate";

/// Alice is an admin, and Bob is none.
async fn server() -> Server {
    let server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    server
}

#[tokio::test]
async fn an_account_that_an_admin_closes_goes_as_one_that_its_owner_closes() {
    for erase in [false, true] {
        let server = server().await;
        server.put("bob", "v3/profile/@bob:h/displayname", json!({ "displayname": "Bob" })).await;
        let room = server.room("alice", json!({ "invite": ["@bob:h"] })).await;
        server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
        server.post("alice", BOB, json!({ "erase": erase })).await;
        // Again: nothing more comes of it.
        server.post("alice", BOB, json!({ "erase": erase })).await;
        let gone = server.call("bob", "GET", "v3/account/whoami", Value::Null).await;
        assert_eq!((gone.status, gone.errcode()), (401, "M_UNKNOWN_TOKEN"));
        let member = server.get("alice", &format!("v3/rooms/{room}/state/m.room.member/@bob:h")).await;
        assert_eq!(member["membership"], "leave");
        let profile = server.get("alice", "v3/profile/@bob:h").await;
        assert_eq!(profile.get("displayname").is_none(), erase, "{profile}");
        let ledger = server.get("alice", "unstable/org.hearth.admin/ledger").await;
        let (entry, before) = (&ledger["entries"][0], &ledger["entries"][1]);
        assert_eq!((&entry["act"], &entry["by"]), (&json!("account_deactivated"), &json!("@alice:h")));
        assert_eq!((&entry["user_id"], &entry["erase"]), (&json!("@bob:h"), &json!(erase)));
        assert_eq!(before["act"], "admin_made");
        assert_eq!(server.node.replay_difference().unwrap(), None);
    }
}

#[tokio::test]
async fn admins_are_made_none_first_and_the_last_one_never_is() {
    let server = server().await;
    for (who, method, path, expected) in [
        ("bob", "POST", "unstable/org.hearth.admin/users/alice/deactivate".to_owned(), (403, "M_FORBIDDEN")),
        ("alice", "POST", "unstable/org.hearth.admin/users/alice/deactivate".to_owned(), (403, "M_FORBIDDEN")),
        ("alice", "POST", "unstable/org.hearth.admin/users/nobody/deactivate".to_owned(), (404, "M_NOT_FOUND")),
        ("bob", "DELETE", format!("{ADMINS}/alice"), (403, "M_FORBIDDEN")),
        ("alice", "DELETE", format!("{ADMINS}/alice"), (403, "M_FORBIDDEN")),
        ("alice", "DELETE", format!("{ADMINS}/nobody"), (404, "M_NOT_FOUND")),
        ("alice", "DELETE", format!("{ADMINS}/bob"), (200, "")),
        ("alice", "PUT", format!("{ADMINS}/bob"), (200, "")),
        ("alice", "POST", BOB.to_owned(), (403, "M_FORBIDDEN")),
        ("bob", "DELETE", format!("{ADMINS}/alice"), (200, "")),
        ("alice", "GET", "unstable/org.hearth.admin/users".to_owned(), (403, "M_FORBIDDEN")),
        ("bob", "POST", "unstable/org.hearth.admin/users/alice/deactivate".to_owned(), (200, "")),
    ] {
        let answer = server.call(who, method, &path, json!({})).await;
        assert_eq!((answer.status, answer.errcode()), expected, "{who}: {method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn who_closes_their_own_account_is_no_admin_any_more() {
    let mut server = server().await;
    let body = json!({ "username": "root", "password": "correct horse battery", "auth": { "type": "m.login.dummy" } });
    let opened = server.post("nobody", "v3/register", body).await;
    server.logged_in("root", opened["access_token"].as_str().unwrap().to_owned());
    server.put("alice", &format!("{ADMINS}/root"), json!({})).await;
    let identifier = json!({ "type": "m.id.user", "user": "root" });
    let auth = json!({ "type": "m.login.password", "identifier": identifier, "password": "correct horse battery" });
    server.post("root", "v3/account/deactivate", json!({ "auth": auth })).await;
    let users = server.get("alice", "unstable/org.hearth.admin/users").await;
    let root = users["users"].as_array().unwrap().iter().find(|user| user["user_id"] == "@root:h").unwrap();
    assert_eq!((&root["is_admin"], &root["is_deactivated"]), (&json!(false), &json!(true)));
    // Alice is the only one by now.
    let last = server.call("alice", "DELETE", &format!("{ADMINS}/alice"), Value::Null).await;
    assert_eq!((last.status, last.errcode()), (403, "M_FORBIDDEN"));
}
