//! Clients whose requests do not end, or not soon.

use std::time::Duration;

use anyhow::Result;
use tokio::{io::AsyncWriteExt as _, time::sleep};

use super::client::{Answer, Client, begin, head, status};

/// Between two bytes.
const BYTE_EVERY: Duration = Duration::from_secs(1);
/// How many bytes one of them writes before it begins anew.
const BYTES: u32 = 90;
const CHUNK_BYTES: usize = 8 << 10;
/// Chunks of a body without end: more than any endpoint takes.
const CHUNKS: usize = 12_000;
/// Bytes that an upload says it has, and those that come.
const SAID_BYTES: usize = 20 << 20;
const SENT_BYTES: usize = 1 << 20;
/// How long to wait for an answer to what was broken off.
const ANSWER: Duration = Duration::from_secs(5);

/// A byte a second of a body that says it is as large as may be: to log in, a message, the keys of devices.
pub(super) async fn write_slowly(client: &Client<'_>) -> Result<Answer> {
    let (path, bytes) = match client.number % 3 {
        0 => ("/_matrix/client/v3/login", 65_536),
        1 => ("/_matrix/client/v3/createRoom", 1 << 20),
        _ => ("/_matrix/client/v3/keys/upload", 4 << 20),
    };
    let mut stream = begin(client, &head(client, "POST", path, &length(bytes)), None).await?;
    for _ in 0..BYTES {
        sleep(BYTE_EVERY).await;
        stream.write_all(b" ").await?;
    }
    Ok(None)
}

/// A body in chunks that never ends, as fast as it is taken.
pub(super) async fn write_for_ever(client: &Client<'_>) -> Result<Answer> {
    let path = match client.number % 3 {
        0 => "/_matrix/client/v3/login",
        1 => "/_matrix/client/v3/keys/upload",
        _ => "/_matrix/media/v3/upload",
    };
    let headers = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let mut stream = begin(client, &head(client, "POST", path, headers), None).await?;
    let chunk = format!("{CHUNK_BYTES:x}\r\n{}\r\n", " ".repeat(CHUNK_BYTES));
    for _ in 0..CHUNKS {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    Ok(status(&mut stream, ANSWER).await)
}

/// A part of a large file, and then the connection is gone.
pub(super) async fn break_off(client: &Client<'_>) -> Result<Answer> {
    let mut stream = begin(client, &head(client, "POST", "/_matrix/media/v3/upload", &length(SAID_BYTES)), None).await?;
    stream.write_all(&vec![b'x'; SENT_BYTES]).await?;
    Ok(None)
}

fn length(bytes: usize) -> String {
    format!("Content-Type: application/json\r\nContent-Length: {bytes}\r\n")
}
