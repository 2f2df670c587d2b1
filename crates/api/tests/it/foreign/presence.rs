//! Who is there, as syncs tell it.

use std::time::Duration;

use api::ApiSettings;
use serde_json::{Value, json};

use super::together;
use crate::http::Server;

/// Who is told to be how, and the token of the answer.
async fn sync(server: &Server, who: &str, query: &str) -> (Vec<(String, String, Value)>, String) {
    let answer = server.get(who, &format!("v3/sync?{query}")).await;
    let events = answer["presence"]["events"].as_array().cloned().unwrap_or_default();
    let told = events.iter().map(|event| {
        assert_eq!(event["type"], "m.presence");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&event["sender"]), text(&event["content"]["presence"]), event["content"]["status_msg"].clone())
    });
    (told.collect(), answer["next_batch"].as_str().unwrap().to_owned())
}

fn told(who: &str, state: &str) -> Vec<(String, String, Value)> {
    vec![(who.to_owned(), state.to_owned(), Value::Null)]
}

const OFFLINE: &str = "set_presence=offline";

#[tokio::test]
async fn syncs_tell_who_is_there() {
    let server = Server::with(&["alice", "bob", "carol"]).await;
    together(&server).await;
    let (own, _) = sync(&server, "alice", "").await;
    assert_eq!(own, told("@alice:h", "online"), "one's own too");
    let (of_alice, since) = sync(&server, "bob", OFFLINE).await;
    assert_eq!(of_alice, told("@alice:h", "online"), "from the beginning");
    let (nothing, since) = sync(&server, "bob", &format!("{OFFLINE}&since={since}")).await;
    assert_eq!(nothing, []);
    let (nothing, of_carol) = sync(&server, "carol", OFFLINE).await;
    assert_eq!(nothing, [], "carol shares no room with them");
    let waiting = async { sync(&server, "bob", &format!("{OFFLINE}&timeout=20000&since={since}")).await };
    let changes = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sync(&server, "alice", "set_presence=unavailable").await
    };
    let ((of_alice, since), _) = tokio::join!(waiting, changes);
    assert_eq!(of_alice, told("@alice:h", "unavailable"), "who waits is woken");
    let status = json!({ "presence": "online", "status_msg": "at the sea" });
    server.put("alice", "v3/presence/@alice:h/status", status).await;
    let (of_alice, since) = sync(&server, "bob", &format!("{OFFLINE}&since={since}")).await;
    assert_eq!(of_alice, [("@alice:h".to_owned(), "online".to_owned(), json!("at the sea"))]);
    server.put("alice", "v3/presence/@alice:h/status", json!({ "presence": "offline" })).await;
    sync(&server, "alice", "").await;
    let (of_alice, _) = sync(&server, "bob", &format!("{OFFLINE}&since={since}")).await;
    assert_eq!(of_alice, told("@alice:h", "offline"), "whoever says so is not told of, though they sync");
    let (nothing, _) = sync(&server, "carol", &format!("{OFFLINE}&since={of_carol}")).await;
    assert_eq!(nothing, []);
}

#[tokio::test]
async fn presence_is_left_out_where_somebody_does_not_want_it() {
    let mut server = Server::with(&["alice", "bob"]).await;
    together(&server).await;
    sync(&server, "alice", "").await;
    let filter = |of: &Value| {
        let filter = json!({ "presence": of }).to_string();
        filter.replace('{', "%7B").replace('}', "%7D").replace('"', "%22")
    };
    for (of, expected) in [
        (json!({}), 1),
        (json!({ "types": ["m.presence"] }), 1),
        (json!({ "types": [] }), 0),
        (json!({ "not_types": ["*"] }), 0),
        (json!({ "senders": ["@carol:h"] }), 0),
        (json!({ "not_senders": ["@alice:h"] }), 0),
    ] {
        let (found, _) = sync(&server, "bob", &format!("{OFFLINE}&filter={}", filter(&of))).await;
        assert_eq!(found.len(), expected, "{of}");
    }
    let wrong = server.call("bob", "GET", "v3/sync?set_presence=asleep", Value::Null).await;
    assert_eq!((wrong.status, wrong.errcode()), (400, "M_INVALID_PARAM"));
    let ignored = json!({ "ignored_users": { "@alice:h": {} } });
    server.put("bob", "v3/user/@bob:h/account_data/m.ignored_user_list", ignored).await;
    assert_eq!(sync(&server, "bob", OFFLINE).await.0, [], "nothing is heard of whom one ignores");
    server.put("bob", "v3/user/@bob:h/account_data/m.ignored_user_list", json!({ "ignored_users": {} })).await;
    server.set(ApiSettings { presence: false, ..ApiSettings::default() });
    assert_eq!(sync(&server, "bob", "").await.0, [], "the admin has turned it off");
    server.put("bob", "v3/presence/@bob:h/status", json!({ "presence": "online" })).await;
    assert_eq!(server.get("alice", "v3/presence/@bob:h/status").await, json!({ "presence": "offline" }));
}
