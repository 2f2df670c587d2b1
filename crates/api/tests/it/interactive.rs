//! User-interactive authentication: what a session is for, how often it counts, and how it is finished.

use domain::user::SetPassword;
use serde_json::{Value, json};

use crate::http::{Answer, Server};

const PASSWORD: &str = "correct horse battery";

/// Alice with a password, on two devices, and bob.
async fn server() -> Server {
    let mut server = Server::with(&["alice", "bob"]).await;
    let engine = server.node.engine().unwrap();
    let phc = engine.passwords().hash(PASSWORD.to_owned()).await.unwrap();
    engine.submit(SetPassword { user_id: "@alice:h".try_into().unwrap(), phc, keep_only: None }).await.unwrap();
    let tablet = server.post("nobody", "v3/login", login("TABLET")).await;
    server.logged_in("tablet", tablet["access_token"].as_str().unwrap().to_owned());
    for device in ["ONE", "TWO", "THREE"] {
        server.post("nobody", "v3/login", login(device)).await;
    }
    server
}

fn login(device: &str) -> Value {
    let identifier = json!({ "type": "m.id.user", "user": "alice" });
    json!({ "type": "m.login.password", "identifier": identifier, "password": PASSWORD, "device_id": device })
}

fn password(user: &str, password: &str, session: &str) -> Value {
    let identifier = json!({ "type": "m.id.user", "user": user });
    json!({ "type": "m.login.password", "identifier": identifier, "password": password, "session": session })
}

/// What is asked for, with the session to answer in.
async fn asked(server: &Server, path: &str, body: Value) -> (Answer, String) {
    let answer = server.call("alice", "POST", path, body).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!((&answer.body["completed"], &answer.body["params"]), (&json!([]), &json!({})));
    assert_eq!(answer.body["flows"], json!([{ "stages": ["m.login.password"] }]));
    let session = answer.body["session"].as_str().unwrap().to_owned();
    (answer, session)
}

async fn devices(server: &Server) -> Vec<String> {
    let devices = server.get("alice", "v3/devices").await;
    devices["devices"].as_array().unwrap().iter().map(|device| device["device_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_request_is_finished_by_its_session_alone_and_once() {
    let server = server().await;
    let path = "v3/delete_devices";
    let (_, session) = asked(&server, path, json!({ "devices": ["ONE"] })).await;
    let (wrong, same) = asked(&server, path, json!({ "auth": password("alice", "wrong", &session) })).await;
    assert_eq!((wrong.errcode(), &same), ("M_FORBIDDEN", &session), "the session goes on");
    let right = json!({ "auth": password("@alice:h", PASSWORD, &session) });
    assert_eq!(server.post("alice", path, right.clone()).await, json!({}));
    assert!(!devices(&server).await.contains(&"ONE".to_owned()));
    let again = server.call("alice", "POST", path, json!({ "devices": ["TWO"], "auth": right["auth"] })).await;
    assert_eq!(again.status, 401, "a session counts once: {}", again.body);
    assert!(devices(&server).await.contains(&"TWO".to_owned()));
}

#[tokio::test]
async fn a_session_is_of_one_request_of_one_device_of_one_person() {
    let server = server().await;
    let (_, session) = asked(&server, "v3/delete_devices", json!({ "devices": ["ONE"] })).await;
    let auth = json!({ "auth": password("alice", PASSWORD, &session) });
    let mut by_email = password("", PASSWORD, &session);
    by_email["identifier"] = json!({ "type": "m.id.thirdparty", "medium": "email", "address": "nobody@example.org" });
    for (who, path, body) in [
        ("alice", "v3/account/deactivate", auth.clone()),
        ("tablet", "v3/delete_devices", auth.clone()),
        ("bob", "v3/delete_devices", json!({ "auth": password("bob", "x", &session) })),
        ("alice", "v3/delete_devices", json!({ "auth": password("bob", PASSWORD, &session) })),
        // Which names and addresses there are is told to nobody.
        ("alice", "v3/delete_devices", json!({ "auth": password("nobody", PASSWORD, &session) })),
        ("alice", "v3/delete_devices", json!({ "auth": by_email })),
    ] {
        let refused = server.call(who, "POST", path, body).await;
        assert_eq!((refused.status, refused.errcode()), (403, "M_FORBIDDEN"), "{who} {path}: {}", refused.body);
    }
    assert!(devices(&server).await.contains(&"ONE".to_owned()));
    server.post("alice", "v3/delete_devices", auth).await;
}

#[tokio::test]
async fn a_path_that_names_what_is_deleted_is_part_of_the_request() {
    let server = server().await;
    let one = server.call("alice", "DELETE", "v3/devices/ONE", json!({})).await;
    let auth = json!({ "auth": password("alice", PASSWORD, one.body["session"].as_str().unwrap()) });
    let other = server.call("alice", "DELETE", "v3/devices/TWO", auth.clone()).await;
    assert_eq!((other.status, other.errcode()), (403, "M_FORBIDDEN"), "{}", other.body);
    server.call("alice", "DELETE", "v3/devices/ONE", auth).await.ok();
    assert_eq!(devices(&server).await, ["PHONE", "TABLET", "THREE", "TWO"]);
}

#[tokio::test]
async fn older_clients_name_the_user_without_a_kind_of_name() {
    let server = server().await;
    let auth = json!({ "type": "m.login.password", "user": "alice", "password": PASSWORD });
    server.post("alice", "v3/delete_devices", json!({ "devices": ["ONE"], "auth": auth })).await;
    assert!(!devices(&server).await.contains(&"ONE".to_owned()));
}

#[tokio::test]
async fn who_signs_up_may_send_the_names_once() {
    let server = Server::with(&[]).await;
    let first = server.call("nobody", "POST", "v3/register", json!({ "username": "carol", "password": PASSWORD })).await;
    assert_eq!((first.status, &first.body["completed"]), (401, &json!([])));
    let auth = json!({ "type": "m.login.dummy", "session": first.body["session"] });
    let made = server.post("nobody", "v3/register", json!({ "auth": auth })).await;
    assert_eq!(made["user_id"], "@carol:h");
    let again = server
        .call("nobody", "POST", "v3/register", json!({ "username": "dave", "password": PASSWORD, "auth": auth }))
        .await;
    assert_eq!(again.status, 401, "a session counts once: {}", again.body);
}
