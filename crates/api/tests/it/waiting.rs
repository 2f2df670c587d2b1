//! Syncs that wait while whoever waits is locked out or logged out: they end, and tell nothing more.

use std::time::Duration;

use domain::{
    directory::By,
    user::{
        CloseSessions, Deactivate, TokenHash, WhichSessions,
        admin::{MakeResetLink, ResetBy, ResetPassword, SetLocked},
    },
};
use engine::Engine;
use futures_util::future::BoxFuture;
use ruma::{OwnedUserId, user_id};
use serde_json::{Value, json};

use crate::http::Server;

const SLIDING: &str = "unstable/org.matrix.simplified_msc3575/sync";

fn bob() -> OwnedUserId {
    user_id!("@bob:h").to_owned()
}

/// What happens to Bob's session meanwhile.
type Meanwhile = fn(Engine) -> BoxFuture<'static, ()>;

fn reset(engine: Engine) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let link = engine.submit(MakeResetLink { by: By::Operator, user_id: bob() }).await.unwrap();
        let token = TokenHash::of(&link.token);
        let reset = ResetPassword { user_id: bob(), by: ResetBy::Link(token), phc: String::new(), logout_devices: true };
        engine.submit(reset).await.map(drop).unwrap();
    })
}

#[tokio::test]
async fn whoever_waits_hears_of_the_end_at_once_and_of_nothing_else() {
    let ends: [(&str, Meanwhile, &str); 4] = [
        (
            "locked",
            |engine| {
                Box::pin(async move {
                    engine.submit(SetLocked { by: By::Operator, user_id: bob(), locked: true }).await.unwrap();
                })
            },
            "M_USER_LOCKED",
        ),
        (
            "logged out",
            |engine| {
                Box::pin(async move {
                    engine.submit(CloseSessions { user_id: bob(), which: WhichSessions::All }).await.unwrap();
                })
            },
            "M_UNKNOWN_TOKEN",
        ),
        ("reset", reset, "M_UNKNOWN_TOKEN"),
        (
            "deactivated",
            |engine| {
                Box::pin(async move {
                    engine.submit(Deactivate { user_id: bob(), erase: false }).await.unwrap();
                })
            },
            "M_UNKNOWN_TOKEN",
        ),
    ];
    for (what, end, errcode) in ends {
        let server = Server::with(&["alice", "bob"]).await;
        let since = server.get("bob", "v3/sync?timeout=0").await["next_batch"].as_str().unwrap().to_owned();
        let pos = server.post("bob", &format!("{SLIDING}?timeout=0"), json!({})).await["pos"].as_str().unwrap().to_owned();
        let classic = format!("v3/sync?timeout=50000&since={since}");
        let sliding = format!("{SLIDING}?timeout=50000&pos={pos}");
        let waiting = async {
            tokio::join!(
                server.call("bob", "GET", &classic, Value::Null),
                server.call("bob", "POST", &sliding, json!({ "conn_id": "" })),
            )
        };
        tokio::pin!(waiting);
        let early = tokio::time::timeout(Duration::from_millis(100), waiting.as_mut()).await;
        assert!(early.is_err(), "{what}: there is nothing to tell yet");
        end(server.node.engine().unwrap().clone()).await;
        let (classic, sliding) = tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap();
        for answer in [classic, sliding] {
            assert_eq!((answer.status, answer.errcode()), (401, errcode), "{what}: {}", answer.body);
        }
    }
}
