//! What admins see of people and of the server: everybody else is refused, answers have ends, and their shapes are those of the files in
//! `tests/golden/admin`, which the web client reads in its own tests.

use api::{ApiSettings, Route, route_table};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::{
    door::path_of,
    http::{Answer, Server},
};

const ADMIN: &str = "unstable/org.hearth.admin";

/// Alice is an admin, and the others are not.
async fn server(people: &[&str]) -> Server {
    let server = Server::with(people).await;
    server.make_admin("alice").await;
    server
}

/// The file that says what an answer is, here and in the web client.
macro_rules! golden {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../../tests/golden/admin/", $name))).unwrap()
    };
}

fn names(page: &Value) -> Vec<&str> {
    page["users"].as_array().unwrap().iter().map(|user| user["user_id"].as_str().unwrap()).collect()
}

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.errcode())
}

/// What stands among the rest and is for everybody.
const FOR_EVERYBODY: [&str; 1] = ["/_matrix/client/unstable/org.hearth.admin/ledger"];

#[tokio::test]
async fn what_is_for_admins_is_refused_to_everybody_else_before_anything_else() {
    let server = server(&["alice", "bob"]).await;
    let is_ours = |route: &Route| route.path.contains("/admin/") || route.path.contains("/org.hearth.admin/");
    let routes: Vec<_> = route_table().into_iter().filter(is_ours).collect();
    assert!(routes.len() > 15, "{} routes", routes.len());
    for route in routes {
        let body = || Body::from(if route.method == Method::GET { "" } else { "{}" });
        let answer = server.call_with("bob", route.method.as_str(), &path_of(&route), body()).await;
        if FOR_EVERYBODY.contains(&route.path) {
            assert_eq!(answer.status, 200, "{} {}", route.method, route.path);
        } else {
            assert_eq!(refusal(&answer), (403, "M_FORBIDDEN"), "{} {}: {}", route.method, route.path, answer.body);
        }
    }
    // Whoever is not there is refused alike, so that nobody learns who is.
    assert_eq!(
        refusal(&server.call("bob", "GET", &format!("{ADMIN}/users/nobody"), Value::Null).await),
        (403, "M_FORBIDDEN")
    );
    // Bob has begun none.
    assert_eq!(server.get("alice", &format!("{ADMIN}/log/verification")).await["state"], "none");
}

#[tokio::test]
async fn people_are_told_with_what_they_have() {
    let server = server(&["alice", "bob"]).await;
    server.put("bob", "v3/profile/@bob:h/displayname", json!({ "displayname": "Bob" })).await;
    server.put("alice", "v1/admin/lock/bob", json!({ "locked": true })).await;
    let page = server.get("alice", &format!("{ADMIN}/users")).await;
    assert_eq!(page, golden!("users.json"));
    let bob = server.get("alice", &format!("{ADMIN}/users/bob")).await;
    assert_eq!(bob, golden!("user.json"));
    let nobody = server.call("alice", "GET", &format!("{ADMIN}/users/nobody"), Value::Null).await;
    assert_eq!(refusal(&nobody), (404, "M_NOT_FOUND"));
}

#[tokio::test]
async fn uploads_devices_and_presence_are_counted() {
    let server = server(&["alice", "bob"]).await;
    let bytes = vec![7; 5_000];
    let uploaded = server.call_with("bob", "POST", "/_matrix/media/v3/upload", axum::body::Body::from(bytes)).await;
    uploaded.ok();
    server.get("bob", "v3/sync?timeout=0").await;
    let page = server.get("alice", &format!("{ADMIN}/users?search=bob")).await;
    let bob = &page["users"][0];
    assert!(bob["media_bytes"].as_u64().unwrap() >= 5_000, "{bob}");
    assert_eq!((&bob["devices"], &bob["last_active_ms"]), (&json!(1), &json!(1_700_000_000_000_u64)));
    server.post("bob", "v3/logout", json!({})).await;
    let bob = server.get("alice", &format!("{ADMIN}/users/bob")).await;
    assert_eq!((&bob["devices"], &bob["device_list"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn people_come_page_by_page_and_each_once() {
    let server = server(&["alice", "bob", "carol", "dave", "erin"]).await;
    let (mut path, mut pages) = (format!("{ADMIN}/users?limit=2"), Vec::new());
    loop {
        let page = server.get("alice", &path).await;
        pages.push(names(&page).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{ADMIN}/users?limit=2&from={next}");
    }
    assert_eq!(pages, [vec!["@alice:h", "@bob:h"], vec!["@carol:h", "@dave:h"], vec!["@erin:h"]]);
    for limit in ["0", "101", "-1", "x", "99999999999999999999"] {
        let refused = server.call("alice", "GET", &format!("{ADMIN}/users?limit={limit}"), Value::Null).await;
        assert_eq!(refusal(&refused), (400, "M_INVALID_PARAM"), "{limit}");
    }
}

#[tokio::test]
async fn people_are_found_by_their_names_and_the_closed_by_the_whole_one() {
    let server = server(&["alice", "bob", "bobby", "carol"]).await;
    server.put("carol", "v3/profile/@carol:h/displayname", json!({ "displayname": "Bobbin Lace" })).await;
    let find = async |term: &str| {
        let page = server.get("alice", &format!("{ADMIN}/users?limit=3&search={term}")).await;
        let mut found: Vec<_> = names(&page).into_iter().map(ToOwned::to_owned).collect();
        found.sort();
        (found, page["limited"] == true, page["next"].clone())
    };
    let all = ["@bob:h", "@bobby:h", "@carol:h"].map(ToOwned::to_owned).to_vec();
    assert_eq!(find("bob").await, (all.clone(), false, Value::Null));
    assert_eq!(find("%20%40bob%3Ah").await.0, all);
    assert_eq!(find("lace").await.0, ["@carol:h"]);
    assert_eq!(find("zzz").await.0, [""; 0]);
    // No words at all are no search.
    assert_eq!(find("%20").await.0.len(), 3);
    let page = server.get("alice", &format!("{ADMIN}/users?limit=2&search=bob")).await;
    assert_eq!((page["users"].as_array().unwrap().len(), &page["limited"]), (2, &json!(true)));
    server.post("alice", &format!("{ADMIN}/users/bobby/deactivate"), json!({})).await;
    assert_eq!(find("bob").await.0, ["@bob:h", "@carol:h"]);
    assert_eq!(find("bobby").await.0, ["@bobby:h"]);
    let long = server.call("alice", "GET", &format!("{ADMIN}/users?search={}", "b".repeat(513)), Value::Null).await;
    assert_eq!(refusal(&long), (400, "M_INVALID_PARAM"));
}

#[tokio::test]
async fn admins_are_told_how_the_server_does() {
    let server = server(&["alice"]).await;
    assert_eq!(server.get("alice", &format!("{ADMIN}/server")).await, golden!("server.json"));
    assert_eq!(server.get("alice", &format!("{ADMIN}/log")).await, golden!("log.json"));
    let records = format!("{ADMIN}/log/records");
    assert_eq!(server.get("alice", &records).await, golden!("records.json"));
    assert_eq!(server.get("alice", &format!("{records}?after=8")).await["records"][0]["position"], 9);
    assert_eq!(server.get("alice", &format!("{records}?after=9")).await, json!({ "records": [] }));
    let broken = server.call("alice", "GET", &format!("{records}?after=666"), Value::Null).await;
    assert_eq!(refusal(&broken), (500, "M_UNKNOWN"));
    assert!(!broken.body.to_string().contains("disk"), "what failed is for the server's own output: {}", broken.body);
    let unread = server.call("alice", "GET", &format!("{records}?after=x"), Value::Null).await;
    assert_eq!(refusal(&unread), (400, "M_INVALID_PARAM"));
    let verification = format!("{ADMIN}/log/verification");
    assert_eq!(server.post("alice", &verification, json!({})).await, golden!("verification.json"));
    assert_eq!(server.get("alice", &verification).await, golden!("verification.json"));
}

#[tokio::test]
async fn the_ledger_and_invites_are_as_the_web_client_reads_them() {
    let mut server = server(&["alice", "bob", "carol"]).await;
    server.set(ApiSettings::default());
    let made = server.post("alice", &format!("{ADMIN}/invites"), json!({ "note": "Grandma" })).await;
    let id = made["id"].as_str().unwrap();
    let mut invites = server.get("alice", &format!("{ADMIN}/invites")).await;
    assert_eq!(invites["invites"][0]["id"], id);
    invites["invites"][0]["id"] = json!("abc");
    assert_eq!(invites, golden!("invites.json"));
    server.call("alice", "DELETE", &format!("{ADMIN}/invites/{id}"), Value::Null).await.ok();
    server.post("alice", &format!("{ADMIN}/users/bob/reset_link"), json!({})).await;
    server.put("alice", "v1/admin/lock/bob", json!({ "locked": true })).await;
    server.put("alice", "v1/admin/lock/bob", json!({ "locked": false })).await;
    server.put("alice", &format!("{ADMIN}/admins/carol"), json!({})).await;
    server.call("alice", "DELETE", &format!("{ADMIN}/admins/carol"), Value::Null).await.ok();
    server.post("alice", &format!("{ADMIN}/users/bob/deactivate"), json!({ "erase": true })).await;
    let erasure = server.get("alice", &format!("{ADMIN}/users/bob/erasure")).await;
    assert_eq!(erasure, golden!("erasure.json"));
    let mut ledger = server.get("carol", &format!("{ADMIN}/ledger")).await;
    for (place, entry) in ledger["entries"].as_array_mut().unwrap().iter_mut().enumerate() {
        // Where a record stands and what an invite is called is another matter.
        entry["position"] = json!(100 - place);
        if entry.get("invite_id").is_some() {
            entry["invite_id"] = json!("abc");
        }
    }
    assert_eq!(ledger, golden!("ledger.json"));
}
