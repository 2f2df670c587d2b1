//! Sends notifications to push gateways by HTTP. Whoever has an account names the gateway, so what may be asked is narrow: one request
//! to `/_matrix/push/v1/notify` of a public address by HTTPS, no redirect followed, little of the answer read, all of it within seconds.

mod addresses;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use engine::{PushError, PushGateway};
use http_body_util::Full;
use hyper::{
    Request, Uri,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use serde::Deserialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::exchange::exchange;
use addresses::is_public;

/// From the first look at the name to the last byte of the answer.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// The largest answer; all that is wanted of it is a list of push keys.
const ANSWER_BYTES_MAX: usize = 65_536;
/// The only path there is (spec: `POST /pushers/set`, `url`).
const PATH: &str = "/_matrix/push/v1/notify";

/// Posts to push gateways.
pub(crate) struct HttpGateway {
    tls: TlsConnector,
    allow_private_addresses: bool,
}

impl HttpGateway {
    /// `allow_private_addresses`: see the setting of that name.
    ///
    /// # Errors
    /// The library offers no TLS that it can speak.
    pub(crate) fn new(allow_private_addresses: bool) -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), allow_private_addresses })
    }

    async fn post(&self, url: &str, body: Vec<u8>) -> Result<Vec<String>, PushError> {
        let uri: Uri = url.parse().map_err(|_| failed("the address of the gateway does not read"))?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.allow_private_addresses => false,
            _ => return Err(failed("the gateway is not asked by HTTPS")),
        };
        if uri.path() != PATH {
            return Err(failed("the gateway's address has another path than gateways have"));
        }
        let host = uri.host().ok_or_else(|| failed("the gateway's address names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let addresses = self.addresses(host, port).await?;
        // To the addresses that were looked at, not to the name, which might have others the next time.
        let tcp = TcpStream::connect(&addresses[..]).await.map_err(|_| failed("the gateway cannot be reached"))?;
        let request = request(&uri, body)?;
        if is_secure {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| failed("the gateway's name is none"))?;
            let tls = self.tls.connect(name, tcp).await.map_err(|_| failed("the gateway cannot prove who it is"))?;
            ask(tls, request).await
        } else {
            ask(tcp, request).await
        }
    }

    /// The addresses of a host that may be asked.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, PushError> {
        let found = lookup_host((host, port)).await.map_err(|_| failed("the gateway's name leads nowhere"))?;
        let allowed: Vec<SocketAddr> =
            found.filter(|address| self.allow_private_addresses || is_public(address.ip())).collect();
        if allowed.is_empty() {
            return Err(failed("the gateway has no public address (push.allow_private_addresses)"));
        }
        Ok(allowed)
    }
}

#[async_trait]
impl PushGateway for HttpGateway {
    async fn notify(&self, url: &str, body: Vec<u8>) -> Result<Vec<String>, PushError> {
        timeout(REQUEST_MAX, self.post(url, body)).await.unwrap_or_else(|_| Err(failed("the gateway takes too long")))
    }
}

fn failed(why: &str) -> PushError {
    PushError(why.to_owned())
}

fn request(uri: &Uri, body: Vec<u8>) -> Result<Request<Full<Bytes>>, PushError> {
    let authority = uri.authority().map(|authority| authority.as_str().rsplit('@').next().unwrap_or_default());
    Request::post(uri.path())
        .header(HOST, authority.unwrap_or_default())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "Hearth")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| failed("the gateway's address does not fit into a request"))
}

/// Sends one request, and reads which push keys the gateway rejects.
async fn ask<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Vec<String>, PushError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    #[derive(Deserialize)]
    struct Answer {
        rejected: Vec<String>,
    }
    let answered = exchange(stream, request, ANSWER_BYTES_MAX).await;
    let (status, body) = answered.map_err(|error| failed(&format!("the gateway: {error}")))?;
    // Redirects are no success either: where they lead is the gateway's word.
    if !status.is_success() {
        return Err(failed(&format!("the gateway answers {}", status.as_u16())));
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| failed("the gateway's answer does not read"))?;
    Ok(answer.rejected)
}

#[cfg(test)]
mod tests {
    use super::HttpGateway;

    #[tokio::test]
    async fn names_and_numbers_that_lead_here_are_refused() {
        let (public, any) = (HttpGateway::new(false).unwrap(), HttpGateway::new(true).unwrap());
        for host in
            ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.1.2.3"]
        {
            assert!(public.addresses(host, 443).await.is_err(), "{host}");
            assert!(any.addresses(host, 443).await.is_ok(), "{host}");
        }
        assert!(public.addresses("1.1.1.1", 443).await.is_ok());
    }

    #[tokio::test]
    async fn nothing_but_the_path_of_gateways_is_asked_and_only_over_https() {
        for (url, expected) in [
            ("http://1.1.1.1/_matrix/push/v1/notify", "the gateway is not asked by HTTPS"),
            ("ftp://1.1.1.1/_matrix/push/v1/notify", "the gateway is not asked by HTTPS"),
            ("/_matrix/push/v1/notify", "the gateway is not asked by HTTPS"),
            ("https://1.1.1.1/admin", "the gateway's address has another path than gateways have"),
            ("https://[::1]/_matrix/push/v1/notify", "the gateway has no public address (push.allow_private_addresses)"),
            ("\u{7f}", "the address of the gateway does not read"),
        ] {
            let refused = HttpGateway::new(false).unwrap().post(url, Vec::new()).await;
            assert_eq!(refused.unwrap_err().0, expected, "{url:?}");
        }
    }
}
