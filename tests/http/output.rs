//! What the server says on its output about requests: a line for each, by its route, and nothing of what is in it.

use anyhow::{Result, ensure};
use blackbox::{PASSWORD, Person, Server};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::hostile::requests::{Names, all};

/// Stands in everything that a client sends.
const MARKER: &str = "markerq7f3a9c51";

/// Every part that a request can name something in is the marker.
fn marked() -> Names {
    let id = |sigil: &str| format!("{sigil}{MARKER}:localhost");
    Names {
        user_id: id("@"),
        device_id: MARKER.to_owned(),
        victim: id("@"),
        shared_room: id("!"),
        own_room: id("!"),
        event: format!("${MARKER}"),
        backup: MARKER.to_owned(),
    }
}

fn reads() -> Vec<String> {
    let room = format!("v3/rooms/!{MARKER}:localhost");
    let paths = ["state", "members", "joined_members", "messages?dir=b", "context/$X", "event/$X", "aliases"];
    let mut reads: Vec<String> = paths.iter().map(|path| format!("{room}/{}", path.replace('X', MARKER))).collect();
    for path in
        ["profile/@X:localhost", "directory/room/%23X:localhost", "keys/changes?from=X&to=X", "sync?since=X", "nothing/X"]
    {
        reads.push(format!("v3/{}", path.replace('X', MARKER)));
    }
    reads
}

#[tokio::test]
async fn nothing_that_a_request_carries_is_in_the_output() -> Result<()> {
    let server = Server::start(&[("HEARTH_LOG", "trace")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({ "name": MARKER, "topic": MARKER })).await?;
    let event = alice.send(&room, MARKER).await?;
    let names = Names {
        user_id: alice.user_id.clone(),
        device_id: alice.device_id.clone(),
        victim: alice.user_id.clone(),
        shared_room: room.clone(),
        own_room: room,
        event,
        backup: "1".to_owned(),
    };
    let client = Client::new();
    let mut asked = 0;
    for (names, token) in [(&names, alice.token.as_str()), (&marked(), alice.token.as_str()), (&marked(), MARKER)] {
        let writes = all(names).into_iter().map(|write| (write.method, write.path, Some(write.body)));
        let reads = reads().into_iter().map(|path| (Method::GET, path, None));
        for (method, path, body) in writes.chain(reads) {
            let sign = if path.contains('?') { '&' } else { '?' };
            let url = format!("{}/_matrix/client/{path}{sign}{MARKER}={MARKER}&access_token={MARKER}", server.url);
            let mut request = client.request(method, url).bearer_auth(token).header("user-agent", MARKER);
            // Nobody whom this server trusts named it.
            request = request.header("x-request-id", MARKER).header("x-forwarded-for", MARKER);
            if let Some(Value::Object(mut body)) = body {
                body.insert(MARKER.to_owned(), MARKER.into());
                request = request.json(&body);
            }
            let answer = request.send().await?;
            ensure!(answer.headers().get("x-request-id").is_some_and(|id| id != MARKER), "{path}: {:?}", answer.headers());
            ensure!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
            asked += 1;
        }
    }
    client.post(format!("{}/_matrix/client/v3/login", server.url)).body(format!("{{\"{MARKER}")).send().await?;
    let output = server.errors();
    // All but those to a path that there is not.
    let lines = output.lines().filter(|line| line.contains("a request was answered")).count();
    ensure!(lines >= asked - 3, "{lines} lines for {asked} requests");
    for secret in [MARKER, &alice.token, PASSWORD, "alice@example.org", &alice.user_id] {
        let told = output.lines().find(|line| line.contains(secret));
        ensure!(told.is_none(), "{secret}: {told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn by_default_there_is_no_line_for_a_request_that_went_well() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    alice.demand(Method::GET, "v3/account/whoami", None).await?;
    ensure!(!server.errors().contains("http.route"), "{}", server.errors());
    Ok(())
}
