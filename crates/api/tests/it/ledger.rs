//! What admins have done, as everybody with an account reads it.

use serde_json::{Value, json};

use crate::http::Server;

const LEDGER: &str = "unstable/org.hearth.admin/ledger";
const INVITES: &str = "unstable/org.hearth.admin/invites";

#[tokio::test]
async fn everybody_with_an_account_reads_what_admins_have_done() {
    let mut server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    let invite = server.post("alice", INVITES, json!({ "note": "nobody's business", "uses": 2 })).await;
    let path = format!("{INVITES}/{}", invite["id"].as_str().unwrap());
    server.call("alice", "DELETE", &path, Value::Null).await.ok();
    server.post("alice", "unstable/org.hearth.admin/users/bob/reset_link", json!({})).await;
    server.put("alice", "v1/admin/lock/bob", json!({ "locked": true })).await;
    server.put("alice", "v1/admin/lock/bob", json!({ "locked": false })).await;
    let ledger = server.get("bob", LEDGER).await;
    let acts: Vec<_> = ledger["entries"].as_array().unwrap().iter().map(|entry| (&entry["act"], &entry["by"])).collect();
    let (alice, operator) = (json!("@alice:h"), json!("operator"));
    let expected = [
        (&json!("account_unlocked"), &alice),
        (&json!("account_locked"), &alice),
        (&json!("reset_link_made"), &alice),
        (&json!("invite_revoked"), &alice),
        (&json!("invite_made"), &alice),
        (&json!("admin_made"), &operator),
    ];
    assert_eq!(acts, expected);
    assert_eq!(ledger["next"], Value::Null);
    assert!(!ledger.to_string().contains("business"), "notes are for admins");
    let newest = &ledger["entries"][0];
    assert_eq!((&newest["user_id"], &newest["at_ms"]), (&json!("@bob:h"), &json!(1_700_000_000_000_u64)));
    // It is folded from the log, and nothing else.
    server.crash();
    assert_eq!(server.get("alice", LEDGER).await, ledger);
    let stranger = server.call("nobody", "GET", LEDGER, Value::Null).await;
    assert_eq!((stranger.status, stranger.errcode()), (401, "M_MISSING_TOKEN"));
}

#[tokio::test]
async fn the_ledger_is_read_page_by_page() {
    let server = Server::with(&["alice", "bob"]).await;
    server.make_admin("alice").await;
    let acts: usize = 201;
    for n in 1..acts {
        server.put("alice", "v1/admin/lock/bob", json!({ "locked": n % 2 == 1 })).await;
    }
    let (mut path, mut pages, mut positions) = (LEDGER.to_owned(), Vec::new(), Vec::new());
    loop {
        let page = server.get("bob", &path).await;
        let entries = page["entries"].as_array().unwrap();
        pages.push(entries.len());
        positions.extend(entries.iter().map(|entry| entry["position"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{LEDGER}?from={next}");
    }
    assert_eq!(pages, [100, 100, 1]);
    assert!(positions.windows(2).all(|pair| pair[0] > pair[1]), "newest first, and each once");
    for from in ["x", "-1", "18446744073709551616"] {
        let refused = server.call("bob", "GET", &format!("{LEDGER}?from={from}"), Value::Null).await;
        assert_eq!((refused.status, refused.errcode()), (400, "M_INVALID_PARAM"), "{from}");
    }
    assert_eq!(server.get("bob", &format!("{LEDGER}?from=0")).await, json!({ "entries": [], "next": null }));
}
