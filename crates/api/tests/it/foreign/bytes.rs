//! What clients keep on the server comes back as it was: keys, which are signed, as the JSON that was signed, and backups byte for byte.

use ruma::OwnedUserId;
use serde_json::{Value, json};
use testkit::TestDevice;

use crate::http::Server;

/// Members that no version of the specification has, some as JSON need not be written.
const ODD: [&str; 6] = [
    r#"{ "z": 1, "a": { "b": [], "": {} } }"#,
    r"[9007199254740991, -9007199254740991, 0]",
    r#""\u0000\u001f\"\\\/\u00e9\ud83d\ude00""#,
    "\"e\u{301}\u{e9}\u{2028}\u{202e}\u{10ffff}\"",
    r#"{ "__proto__": null, "constructor": [true, false, null] }"#,
    r#"[[[[[["deep"]]]]]]"#,
];

#[tokio::test]
async fn keys_come_back_as_they_were_signed() {
    for odd in ODD {
        let server = Server::with(&["alice", "bob"]).await;
        let user = OwnedUserId::try_from("@alice:h").unwrap();
        let device = TestDevice::new(user, "PHONE".into(), 3);
        let odd: Value = serde_json::from_str(odd).unwrap();
        let with_odd = |object: Value| {
            let mut object = object;
            object["org.example.odd"] = odd.clone();
            object.as_object_mut().unwrap().remove("signatures");
            json!(device.signed(object).unwrap())
        };
        let identity = with_odd(json!(device.identity().unwrap()));
        let (one_time_id, one_time) = device.one_time_key(1).unwrap();
        let (fallback_id, fallback) = device.one_time_key(2).unwrap();
        let (one_time, fallback) = (with_odd(json!(one_time)), with_odd(json!(fallback)));
        let keys = json!({
            "device_keys": identity, "one_time_keys": { &one_time_id: one_time }, "fallback_keys": { &fallback_id: fallback },
        });
        server.post("alice", "v3/keys/upload", keys).await;
        let mut found = server.post("bob", "v3/keys/query", json!({ "device_keys": { "@alice:h": [] } })).await;
        let mut found = found["device_keys"]["@alice:h"]["PHONE"].take();
        // What a server adds, and does not sign.
        found.as_object_mut().unwrap().remove("unsigned");
        assert_eq!(found, identity);
        for (id, key) in [(one_time_id, one_time), (fallback_id, fallback)] {
            let claim = json!({ "one_time_keys": { "@alice:h": { "PHONE": "signed_curve25519" } } });
            let claimed = server.post("bob", "v3/keys/claim", claim).await;
            let claimed = &claimed["one_time_keys"]["@alice:h"]["PHONE"];
            assert_eq!(claimed[&id], key, "{claimed}");
        }
    }
}

/// Numbers of which everybody has another canonical form, or none.
#[tokio::test]
async fn what_cannot_be_signed_is_no_key() {
    let server = Server::with(&["alice"]).await;
    let user = OwnedUserId::try_from("@alice:h").unwrap();
    let identity = json!(TestDevice::new(user, "PHONE".into(), 3).identity().unwrap());
    for (number, is_one) in [
        ("1", true),
        ("9007199254740991", true),
        ("9007199254740992", false),
        ("-9007199254740992", false),
        ("18446744073709551616", false),
        ("1.5", false),
        ("1.0", false),
        ("1e2", false),
        ("-0.0", false),
    ] {
        let odd = identity.to_string().replacen('{', &format!(r#"{{"org.example.odd":{number},"#), 1);
        let body = format!(r#"{{"device_keys":{odd}}}"#).into_bytes();
        let answer = server.call_raw("alice", "POST", "v3/keys/upload", body).await;
        // What reads is refused for its signature, which was made without the number.
        let expected = if is_one { "M_INVALID_SIGNATURE" } else { "M_BAD_JSON" };
        assert_eq!((answer.status, answer.errcode()), (400, expected), "{number}");
    }
}

#[tokio::test]
async fn backups_come_back_byte_for_byte() {
    for odd in ODD.into_iter().chain(["1.50e2", "-0.0", " { \"b\" : 1 , \"a\" : 2 } "]) {
        let server = Server::with(&["alice"]).await;
        let auth_data = format!(r#"{{"zz": {odd},"public_key":"abc","signatures":{{}} }}"#);
        let version = format!(r#"{{"auth_data": {auth_data},"algorithm":"m.megolm_backup.v1.curve25519-aes-sha2"}}"#);
        server.call_raw("alice", "POST", "v3/room_keys/version", version.into_bytes()).await.ok();
        let (_, info) = server.raw("alice", "/_matrix/client/v3/room_keys/version").await;
        let info = std::str::from_utf8(&info).unwrap();
        assert!(info.contains(&auth_data), "{info} has not {auth_data}");
        let session = format!(
            r#"{{"session_data":{{"zz": {odd},"ephemeral":"YQ","ciphertext":"Yg","mac":"Yw"}},"odd":{odd}, "is_verified":false,"forwarded_count":0,"first_message_index":1 }}"#
        );
        let path = "v3/room_keys/keys/%21r%3Ah/s?version=1";
        server.call_raw("alice", "PUT", path, session.clone().into_bytes()).await.ok();
        for path in ["keys", "keys/%21r%3Ah", "keys/%21r%3Ah/s"] {
            let (status, keys) = server.raw("alice", &format!("/_matrix/client/v3/room_keys/{path}?version=1")).await;
            let keys = std::str::from_utf8(&keys).unwrap();
            assert!(status == 200 && keys.contains(&session), "{path}: {keys} has not {session}");
        }
    }
}
