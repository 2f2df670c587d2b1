//! People who are forgotten: nothing that they said of themselves, or that they said, is left in the log or in the views.

use domain::{
    directory::{AddEmail, EmailAddress},
    user::Deactivate,
};
use serde_json::{Value, json};
use testkit::{Blow, TestDevice};
use views::{Order, accounts::erasure, outbox::pending};

use crate::http::{Server, escaped};

/// More than a story has.
const RECORDS_MAX: usize = 1_000;
/// In everything that Bob says.
const MARKER: &str = "marker-5b1c";
/// More appends than an erasure takes.
const APPENDS_MAX: u64 = 40;

/// Bob does whatever leaves something on the server. Alice has a room with him, and is an admin.
async fn lived() -> Server {
    let server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    let email = EmailAddress::parse(&format!("{MARKER}@example.org")).unwrap();
    let bob = || "@bob:h".try_into().unwrap();
    server.node.engine().unwrap().submit(AddEmail { user_id: bob(), email }).await.unwrap();
    for (field, value) in [("displayname", json!(MARKER)), ("avatar_url", json!(format!("mxc://h/{MARKER}")))] {
        server.put("bob", &format!("v3/profile/@bob:h/{field}"), json!({ field: value })).await;
    }
    server.put("bob", "v3/devices/PHONE", json!({ "display_name": MARKER })).await;
    let room = server.room("alice", json!({ "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    server.send("bob", &room, "1", json!({ "ciphertext": MARKER })).await;
    let gone = server.send("bob", &room, "2", json!({ "ciphertext": "oops" })).await;
    server.put("bob", &format!("v3/rooms/{room}/redact/{}/3", escaped(&gone)), json!({ "reason": MARKER })).await;
    let answer = server.send("alice", &room, "1", json!({ "ciphertext": "answer" })).await;
    server.post("bob", &format!("v3/rooms/{room}/receipt/m.read/{}", escaped(&answer)), json!({})).await;
    server.post("bob", &format!("v3/rooms/{room}/report/{}", escaped(&answer)), json!({ "reason": MARKER })).await;
    kept_for_clients(&server, &room).await;
    let body = json!({ "messages": { "@bob:h": { "*": { "ciphertext": MARKER } } } });
    server.put("alice", "v3/sendToDevice/m.room.encrypted/1", body.clone()).await;
    server.put("bob", "v3/sendToDevice/m.room.encrypted/1", body).await;
    assert!(rows(&server).contains(MARKER) && log(&server).contains(MARKER));
    server
}

async fn kept_for_clients(server: &Server, room: &str) {
    let content = json!({ "is": MARKER });
    server.put("bob", &format!("v3/user/@bob:h/account_data/org.{MARKER}"), content.clone()).await;
    server.put("bob", &format!("v3/user/@bob:h/rooms/{room}/account_data/org.example"), content.clone()).await;
    server.put("bob", &format!("v3/user/@bob:h/rooms/{room}/tags/u.{MARKER}"), json!({})).await;
    let rule = json!({ "actions": ["notify"], "pattern": MARKER });
    server.put("bob", &format!("v3/pushrules/global/content/{MARKER}"), rule).await;
    server.post("bob", "v3/user/@bob:h/filter", json!({ "event_fields": [MARKER] })).await;
    let pusher = json!({
        "kind": "http", "app_id": "example", "pushkey": MARKER, "lang": "en", "app_display_name": MARKER,
        "device_display_name": MARKER, "data": { "url": "https://push.example.org/_matrix/push/v1/notify" },
    });
    server.post("bob", "v3/pushers/set", pusher).await;
    let device = TestDevice::new("@bob:h".try_into().unwrap(), "PHONE".into(), 1);
    server.post("bob", "v3/keys/upload", json!({ "device_keys": device.identity().unwrap() })).await;
    let auth_data = json!({ "public_key": MARKER, "signatures": {} });
    let backup = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": auth_data });
    server.post("bob", "v3/room_keys/version", backup).await;
}

fn log(server: &Server) -> String {
    server.node.payloads(RECORDS_MAX).unwrap().concat()
}

/// Every key and value of every view, and of the snapshots of lanes.
fn rows(server: &Server) -> String {
    let mut all = Vec::new();
    let engine = server.node.engine().unwrap();
    let rows = engine.rows();
    rows.scan(&[0], &[255; 64], Order::Ascending, &mut |key, value| {
        all.extend([key, b" ", value, b"\n"].concat());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    String::from_utf8_lossy(&all).into_owned()
}

#[track_caller]
fn check_forgotten(server: &Server, what: &str) {
    assert!(!log(server).contains(MARKER), "{what}: it is in the log");
    assert!(!rows(server).contains(MARKER), "{what}: it is in the views");
    let engine = server.node.engine().unwrap();
    let bob = "@bob:h".try_into().unwrap();
    assert!(erasure(&*engine.rows(), bob).unwrap().unwrap().ended_at.is_some(), "{what}");
    check_whole(server, what);
}

#[track_caller]
fn check_whole(server: &Server, what: &str) {
    server.node.verify().unwrap();
    assert_eq!(server.node.replay_difference().unwrap(), None, "{what}");
    assert_eq!(server.node.check_snapshots().unwrap().different, Vec::<String>::new(), "{what}");
}

#[tokio::test]
async fn nothing_is_left_of_whoever_is_erased() {
    let server = lived().await;
    server.post("alice", "unstable/org.hearth.admin/users/bob/deactivate", json!({ "erase": true })).await;
    check_forgotten(&server, "erased");
    // The room goes on.
    let synced = server.get("alice", "v3/sync?timeout=0").await;
    assert!(!synced.to_string().contains(MARKER), "{synced}");
    let rooms = synced["rooms"]["join"].as_object().unwrap();
    let (room, _) = rooms.iter().next().unwrap();
    server.send("alice", &escaped(room), "2", json!({ "ciphertext": "afterwards" })).await;
    check_whole(&server, "afterwards");
}

#[tokio::test]
async fn who_was_only_closed_is_erased_later() {
    let server = lived().await;
    for erase in [false, true, true] {
        server.post("alice", "unstable/org.hearth.admin/users/bob/deactivate", json!({ "erase": erase })).await;
        let is_there = log(&server).contains(MARKER);
        assert_eq!(is_there, !erase);
    }
    check_forgotten(&server, "erased later");
    let ledger = server.get("alice", "unstable/org.hearth.admin/ledger").await;
    let closed = ledger["entries"].as_array().unwrap().iter().filter(|entry| entry["act"] == "account_deactivated");
    assert_eq!(closed.count(), 2, "the third did nothing: {ledger}");
}

#[tokio::test]
async fn an_erasure_goes_on_wherever_the_power_goes() {
    for appends in 0..APPENDS_MAX {
        let mut server = lived().await;
        let engine = server.node.engine().unwrap();
        engine.submit(Deactivate { user_id: "@bob:h".try_into().unwrap(), erase: true }).await.unwrap();
        server.node.backend.strike_after(appends, Blow::Lost);
        let done = engine.carry_out_effects().await;
        let what = format!("cut off after {appends} appends");
        // Between any two steps a replay gives what is there.
        server.node.crash(false).unwrap();
        check_whole(&server, &what);
        server.crash();
        let engine = server.node.engine().unwrap();
        engine.carry_out_effects().await.unwrap();
        assert_eq!(pending(&*engine.rows(), 0, 10).unwrap(), []);
        check_forgotten(&server, &what);
        let gone = server.call("bob", "GET", "v3/account/whoami", Value::Null).await;
        assert_eq!(gone.status, 401);
        if done.is_ok() {
            assert!(appends > 5, "it takes some appends");
            return;
        }
    }
    panic!("more appends than an erasure takes");
}
