//! Sliding syncs that ask for as much as is let in.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::client::{Answer, Client};

const PATH: &str = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0";
/// What a server lets in: lists, state of each, and rooms that are subscribed to.
const LISTS: usize = 50;
const STATE: usize = 10;
const SUBSCRIPTIONS: usize = 1_000;
const TIMELINE: usize = 500;
/// Syncs on one connection, each of which begins anew.
const SYNCS: usize = 100;
/// After a refusal, which costs nobody anything.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Begins one connection of sliding sync after the other, and reads what comes.
pub(super) async fn sync(client: &Client<'_>, note: impl Fn(Answer)) -> Result<Answer> {
    let mut connection = client.target.connect_from(client.from).await?;
    let rest = request().to_string();
    for number in 0..SYNCS {
        // Written by hand, so that asking costs the attacker little.
        let body = Bytes::from(rest.replacen('{', &format!("{{\"conn_id\":\"c{number}\","), 1));
        let (status, _) = connection.call(Method::POST, PATH, &client.user.token, body).await?;
        note(Some(status));
        if !status.is_success() {
            sleep(REFUSED_PAUSE).await;
        }
    }
    Ok(None)
}

/// All of it but the name of the connection.
fn request() -> Value {
    let state: Vec<Value> = (0..STATE).map(|n| json!([format!("org.example.{n}"), "*"])).collect();
    let list = json!({ "ranges": [[0, 99]], "timeline_limit": TIMELINE, "required_state": state });
    let lists: Map<String, Value> = (0..LISTS).map(|n| (format!("list{n}"), list.clone())).collect();
    let room = json!({ "timeline_limit": TIMELINE, "required_state": [["*", "*"]] });
    let rooms: Map<String, Value> = (0..SUBSCRIPTIONS).map(|n| (format!("!{n}:localhost"), room.clone())).collect();
    json!({ "lists": lists, "room_subscriptions": rooms })
}
