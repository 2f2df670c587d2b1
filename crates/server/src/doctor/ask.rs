//! One question to a server, over HTTP or by a datagram, with an end.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail};
use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, header::HOST};
use tokio::net::{TcpStream, UdpSocket};

use crate::exchange::exchange;

/// How long an answer may take: whoever waits longer for a health check takes the server for dead as well.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// The largest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// The largest datagram.
const DATAGRAM_BYTES_MAX: usize = 1_500;

/// What `GET path` at an address answers.
///
/// # Errors
/// [`Unreached`] as its cause when nobody listens there.
pub(super) async fn get(address: SocketAddr, host: &str, path: &str) -> Result<(StatusCode, Bytes)> {
    in_time(async {
        let stream = connect(address).await?;
        let request = Request::get(path).header(HOST, host).body(Full::default())?;
        Ok(exchange(stream, request, ANSWER_BYTES_MAX).await?)
    })
    .await
}

/// A connection to an address.
///
/// # Errors
/// [`Unreached`] when nobody listens there.
pub(super) async fn connect(address: SocketAddr) -> Result<TcpStream> {
    in_time(async { Ok(TcpStream::connect(address).await.map_err(Unreached)?) }).await
}

/// Nobody listens there.
#[derive(Debug, thiserror::Error)]
#[error("no connection: {0}")]
pub(super) struct Unreached(io::Error);

/// What a datagram to an address is answered with.
pub(super) async fn by_datagram(address: SocketAddr, question: &[u8]) -> Result<Vec<u8>> {
    in_time(async {
        let own = if address.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
        let socket = UdpSocket::bind(own).await?;
        socket.connect(address).await?;
        socket.send(question).await?;
        let mut answer = vec![0; DATAGRAM_BYTES_MAX];
        let bytes = socket.recv(&mut answer).await?;
        answer.truncate(bytes);
        Ok(answer)
    })
    .await
}

async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(ANSWER_MAX, answer).await {
        Ok(answer) => answer,
        Err(_) => bail!("no answer within {} s", ANSWER_MAX.as_secs()),
    }
}

/// The addresses of a name, at least one.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    let found: Vec<_> = in_time(async { Ok(tokio::net::lookup_host((host, port)).await?.collect()) }).await?;
    if found.is_empty() {
        Err(io::Error::from(io::ErrorKind::NotFound)).context("the name has no address")
    } else {
        Ok(found)
    }
}
