//! Asks the server that runs on a data folder, by the socket in it.

use std::{io::ErrorKind, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, header::CONTENT_TYPE};
use serde_json::Value;
use tokio::net::UnixStream;

use crate::{cli::Data, data_folder::DataFolder, exchange::exchange};

/// The largest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Where this server's own endpoints for admins are.
pub(super) const ADMIN: &str = "unstable/org.hearth.admin";

/// The server's answer to a request of the operator. `path` begins behind `/_matrix/client/`.
///
/// # Errors
/// No server runs on the folder, the folder is somebody else's, or what the server has refused, in its words.
pub(super) fn ask(data: &Data, method: Method, path: &str, body: &Value) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = async { tokio::time::timeout(ANSWER_MAX, send(data, method, path, body)).await };
    runtime.block_on(asked).context("the server does not answer; look at what it says on its own output")?
}

async fn send(data: &Data, method: Method, path: &str, body: &Value) -> Result<Value> {
    let stream = connect(data).await?;
    let request = Request::builder()
        .method(method)
        .uri(format!("/_matrix/client/{path}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(serde_json::to_vec(body)?)))?;
    let (status, bytes) = exchange(stream, request, ANSWER_BYTES_MAX).await?;
    let answer: Value = serde_json::from_slice(&bytes).context("the server's answer does not read")?;
    if !status.is_success() {
        bail!("{}", answer.get("error").and_then(Value::as_str).unwrap_or("the server refused that without a word"));
    }
    Ok(answer)
}

async fn connect(data: &Data) -> Result<UnixStream> {
    let folder = DataFolder::new(&data.data);
    UnixStream::connect(folder.operator_socket()).await.map_err(|error| {
        let place = data.data.display();
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => anyhow::anyhow!(
                "no server runs on the data folder {place}. Start it with `hearth serve`, or name the folder of the one that runs \
                 with --data."
            ),
            ErrorKind::PermissionDenied => anyhow::anyhow!(
                "the data folder {place} is another user's. Run this command as the user that runs the server."
            ),
            _ => anyhow::Error::new(error).context(format!("the server on {place} cannot be reached")),
        }
    })
}

/// A name as a part of an address (RFC 3986, section 3.3).
pub(super) fn escaped(name: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}
