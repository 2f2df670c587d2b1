//! HTTP/2 as browsers speak it, and as those do who want to break something: many requests over one connection are no way around the
//! bounds of connections, and nobody keeps an answer waiting for ever.

use std::future::Future;

use blackbox::Person;
use h2::client::{Builder, ResponseFuture, SendRequest};
use reqwest::Method;
use ruma::exports::{bytes::Bytes, http::Request};
use tokio_rustls::client::TlsStream;

use super::*;

/// Connections that one address may have, and what is asked at once over one of them.
const BY_ADDRESS: usize = 12;
const AT_ONCE: usize = 30;
/// How long a poll waits, while all the others are refused.
const WAITING: Duration = Duration::from_secs(10);
/// How long a client may pause.
const IDLE: Duration = Duration::from_secs(2);

/// A server with a certificate from a file, and how to reach it.
struct Encrypted {
    server: Server,
    port: u16,
    root: String,
    _folder: tempfile::TempDir,
}

impl Encrypted {
    fn start() -> Result<Self> {
        Self::with(&[("HEARTH_MAX_CONNECTIONS_PER_ADDRESS", &BY_ADDRESS.to_string())])
    }

    fn with(bounds: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let authority = Authority::new()?;
        let (chain, key) = authority.issue(folder.path(), DOMAIN)?;
        let port = free_port()?;
        let (listen, idle_s) = (format!("127.0.0.1:{port}"), IDLE.as_secs().to_string());
        let common = [
            ("HEARTH_HTTPS_CERTIFICATE", chain.to_str().context("a path")?),
            ("HEARTH_HTTPS_KEY", key.to_str().context("a path")?),
            ("HEARTH_HTTPS_LISTEN", &listen),
            ("HEARTH_IDLE_TIMEOUT_S", &idle_s),
        ];
        let server = Server::start(&[&common, bounds].concat())?;
        Ok(Self { server, port, root: authority.root_pem(), _folder: folder })
    }

    async fn shake_hands(&self) -> Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.root.as_bytes())?)?;
        let builder =
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
        let mut settings = builder.with_root_certificates(roots).with_no_client_auth();
        settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        let stream = TlsConnector::from(Arc::new(settings)).connect(ServerName::try_from(DOMAIN)?, stream).await?;
        ensure!(stream.get_ref().1.alpn_protocol() == Some(b"h2"), "it does not speak HTTP/2");
        Ok(stream)
    }

    /// A connection, and what ends with it.
    async fn connect(
        &self,
        builder: &Builder,
    ) -> Result<(SendRequest<Bytes>, impl Future<Output = Result<(), h2::Error>> + use<>)> {
        Ok(builder.handshake(self.shake_hands().await?).await?)
    }
}

async fn get(send: &SendRequest<Bytes>, path: &str, token: Option<&str>) -> Result<ResponseFuture> {
    let mut request = Request::get(format!("https://{DOMAIN}/_matrix/client/{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut send = send.clone().ready().await?;
    Ok(send.send_request(request.body(())?, true)?.0)
}

/// All of an answer's body.
async fn body(mut body: h2::RecvStream) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

#[tokio::test]
async fn the_fewest_connections_that_can_be_set_let_a_client_in() -> Result<()> {
    let encrypted = Encrypted::with(&[("HEARTH_MAX_CONNECTIONS", "4"), ("HEARTH_MAX_CONNECTIONS_PER_ADDRESS", "2")])?;
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::spawn(connection);
    let answer = get(&send, "versions", None).await?.await?;
    ensure!(answer.status() == 200, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn many_are_answered_over_one_connection_and_each_takes_a_place() -> Result<()> {
    let encrypted = Encrypted::start()?;
    let alice = Person::sign_up(&encrypted.server, "alice").await?;
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::spawn(connection);
    let answer = get(&send, "versions", None).await?.await?;
    ensure!(answer.status() == 200 && answer.headers().contains_key("strict-transport-security"), "{answer:?}");
    ensure!(String::from_utf8(body(answer.into_body()).await?)?.contains("\"versions\""));

    let since = alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].as_str().unwrap_or_default().to_owned();
    let path = format!("v3/sync?timeout={}&since={since}", WAITING.as_millis());
    let mut polls = Vec::new();
    for _ in 0..AT_ONCE {
        polls.push(tokio::spawn(get(&send, &path, Some(&alice.token)).await?));
    }
    // Those that find no place are told so at once; the others wait for news.
    let mut refused = 0;
    until_nothing_is_missing(PATIENCE, async || {
        refused = polls.iter().filter(|poll| poll.is_finished()).count();
        Ok((refused < AT_ONCE - BY_ADDRESS).then(|| format!("{refused} are refused")))
    })
    .await?;
    ensure!(refused < AT_ONCE, "nobody was let in");
    // Who comes over HTTP/1.1 finds none either.
    ensure!(alice.ask(Method::GET, "v3/account/whoami", None).await.is_err(), "the bound is not of both together");
    let (mut told, mut without) = (0, 0);
    for poll in polls {
        let answer = poll.await??;
        match answer.status().as_u16() {
            200 => told += 1,
            503 if answer.headers().contains_key("retry-after") => without += 1,
            _ => bail!("{answer:?}"),
        }
    }
    ensure!(told > 1 && without >= AT_ONCE - BY_ADDRESS, "{told} told, {without} without a place");
    let answer = get(&send, "versions", None).await?.await?;
    ensure!(answer.status() == 200, "places are not given back: {answer:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_takes_nothing_or_says_nothing_is_left() -> Result<()> {
    let encrypted = Encrypted::start()?;
    let alice = Person::sign_up(&encrypted.server, "alice").await?;
    let since = alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].as_str().unwrap_or_default().to_owned();
    let poll = |wait: Duration| format!("v3/sync?timeout={}&since={since}", wait.as_millis());
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::spawn(connection);
    let whole = body(get(&send, "versions", None).await?.await?.into_body()).await?.len();
    // Nothing of an answer is taken, or a part, or all but its last byte, while another request keeps the connection busy.
    for window in [0, 1, whole - 1] {
        let (send, connection) = encrypted.connect(Builder::new().initial_window_size(u32::try_from(window)?)).await?;
        let ended = tokio::spawn(connection);
        let _waits = get(&send, &poll(IDLE * 10), Some(&alice.token)).await?;
        let answer = get(&send, "versions", None).await?.await?;
        ensure!(answer.status() == 200, "{answer:?}");
        tokio::time::timeout(IDLE * 3, ended)
            .await
            .with_context(|| format!("a client that takes {window} bytes is kept"))??
            .ok();
        drop(answer);
    }
    // Nothing is asked.
    let (_send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::time::timeout(IDLE * 3, connection).await.context("a client that asks nothing is kept")?.ok();
    // One poll that waits is no silence.
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::spawn(connection);
    let answer = get(&send, &poll(IDLE * 3), Some(&alice.token)).await?.await?;
    ensure!(answer.status() == 200, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_begins_and_gives_up_thousands_of_requests_loses_the_connection_alone() -> Result<()> {
    let encrypted = Encrypted::start()?;
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    let ended = tokio::spawn(connection);
    for _ in 0..10_000 {
        let Ok(mut send) = send.clone().ready().await else { break };
        let Ok((answer, mut stream)) = send.send_request(Request::get(format!("https://{DOMAIN}/")).body(())?, false) else {
            break;
        };
        stream.send_reset(h2::Reason::CANCEL);
        drop(answer);
    }
    tokio::time::timeout(PATIENCE, ended).await.context("it goes on and on")??.ok();
    let (send, connection) = encrypted.connect(&Builder::new()).await?;
    tokio::spawn(connection);
    ensure!(get(&send, "versions", None).await?.await?.status() == 200, "others are not served");
    Ok(())
}
