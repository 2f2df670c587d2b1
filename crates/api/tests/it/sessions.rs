//! What a session's access token is good for.

use serde_json::{Value, json};

use crate::http::Server;

#[tokio::test]
async fn a_token_is_good_until_its_session_logs_out() {
    let server = Server::with(&["alice", "bob"]).await;
    assert_eq!(server.post("alice", "v3/logout", json!({})).await, json!({}));
    let refused = server.call("alice", "POST", "v3/logout", json!({})).await;
    assert_eq!((refused.status, refused.errcode()), (401, "M_UNKNOWN_TOKEN"));
    let unsigned = server.call("nobody", "POST", "v3/logout", Value::Null).await;
    assert_eq!((unsigned.status, unsigned.errcode()), (401, "M_MISSING_TOKEN"));
    assert_eq!(server.get("bob", "v3/account/whoami").await["user_id"], "@bob:h");
}
