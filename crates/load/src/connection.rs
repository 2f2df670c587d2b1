//! One kept-alive HTTP/1.1 connection. It is no connection pool: each sender and each receiver holds its own.

use std::{net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::{sleep, timeout},
};

/// Longer than any poll waits; a server that takes this long for an answer has failed.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often, and for how long at most, a request is made again that was refused as too much.
const INSIST_EVERY: Duration = Duration::from_millis(200);
const INSIST_TIMES: u32 = 300;

/// Where the server listens.
#[derive(Clone)]
pub(crate) struct Target {
    /// `host:port`, which is also the `Host` header.
    authority: String,
}

impl Target {
    /// Reads `http://host:port`. The port may be missing, a path may not be there.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let uri: http::Uri = url.parse().context("not a URL")?;
        ensure!(uri.scheme_str() == Some("http"), "only plain http is spoken");
        ensure!(uri.path() == "/" || uri.path().is_empty(), "the URL has a path");
        let host = uri.host().context("the URL has no host")?;
        Ok(Self { authority: format!("{host}:{}", uri.port_u16().unwrap_or(80)) })
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        let stream =
            TcpStream::connect(&self.authority).await.with_context(|| format!("connecting to {}", self.authority))?;
        self.speak(stream).await
    }

    /// The same from one of this machine's own addresses.
    pub(crate) async fn connect_from(&self, from: Ipv4Addr) -> Result<Connection> {
        self.speak(self.open_from(from, None).await?).await
    }

    /// A connection on which nothing is spoken yet. The system keeps `receive_bytes` of what comes and nobody reads, or as much as it
    /// likes.
    pub(crate) async fn open_from(&self, from: Ipv4Addr, receive_bytes: Option<u32>) -> Result<TcpStream> {
        let peer = lookup_host(&self.authority).await?.find(std::net::SocketAddr::is_ipv4).context("no IPv4 address")?;
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.bind((from, 0).into())?;
        let stream = timeout(CONNECT_TIMEOUT, socket.connect(peer)).await.context("no connection in ten seconds")?;
        stream.with_context(|| format!("connecting to {peer} from {from}"))
    }

    /// The `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    async fn speak(&self, stream: TcpStream) -> Result<Connection> {
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        // The task ends with the connection, and a failure of it reaches the request that waits.
        tokio::spawn(driver);
        Ok(Connection { authority: self.authority.clone(), sender })
    }
}

/// A connection that is open, or was closed by the server.
pub(crate) struct Connection {
    authority: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// The status and the whole body of the answer.
    pub(crate) async fn call(
        &mut self,
        method: Method,
        path: &str,
        token: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.authority);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body))?;
        let exchange = async {
            self.sender.ready().await?;
            let answer = self.sender.send_request(request).await?;
            let status = answer.status();
            Ok::<_, hyper::Error>((status, answer.into_body().collect().await?.to_bytes()))
        };
        timeout(ANSWER_TIMEOUT, exchange).await.context("no answer in two minutes")?.with_context(|| path.to_owned())
    }

    /// Like [`Self::call`], and fails unless the status is 200.
    pub(crate) async fn expect(&mut self, method: Method, path: &str, token: &str, body: Bytes) -> Result<Bytes> {
        let (status, body) = self.call(method, path, token, body).await?;
        if status != StatusCode::OK {
            bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    /// Like [`Self::expect`], and asks again as long as it is refused as too much at once.
    pub(crate) async fn insist(&mut self, method: Method, path: &str, token: &str, body: Bytes) -> Result<Bytes> {
        for _ in 0..INSIST_TIMES {
            let (status, answer) = self.call(method.clone(), path, token, body.clone()).await?;
            match status {
                StatusCode::OK => return Ok(answer),
                StatusCode::TOO_MANY_REQUESTS => sleep(INSIST_EVERY).await,
                _ => bail!("{path} answered {status}: {}", String::from_utf8_lossy(&answer)),
            }
        }
        bail!("{path} was refused for {INSIST_TIMES} times {INSIST_EVERY:?}")
    }

    /// A POST with a JSON object and an answer that is one.
    pub(crate) async fn post(&mut self, path: &str, token: &str, body: &Value) -> Result<Value> {
        let answer = self.expect(Method::POST, path, token, Bytes::from(body.to_string())).await?;
        serde_json::from_slice(&answer).with_context(|| format!("{path} answered no JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn urls_are_read() {
        let authority = |url| Target::parse(url).ok().map(|target| target.authority);
        assert_eq!(authority("http://127.0.0.1:8008").as_deref(), Some("127.0.0.1:8008"));
        assert_eq!(authority("http://localhost/").as_deref(), Some("localhost:80"));
        assert_eq!(authority("https://localhost:8008"), None);
        assert_eq!(authority("http://localhost/path"), None);
        assert_eq!(authority("8008"), None);
    }
}
