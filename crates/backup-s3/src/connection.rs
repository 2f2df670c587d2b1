//! How the bucket's server is spoken to: by the HTTP and the TLS that are there already, in bounded time.

use std::{error::Error, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector as TcpConnector},
    rt::TokioExecutor,
};
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;

/// How long it may take until a connection is there.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take until an answer begins: as long as a part of a file is sent over a slow line.
const ANSWER: Duration = Duration::from_secs(300);
/// How long nothing may come of an answer that has begun.
const SILENCE: Duration = Duration::from_secs(60);

type Inner = Client<HttpsConnector<TcpConnector>, HttpRequestBody>;

/// Makes the client.
#[derive(Debug)]
pub(crate) struct Connector {
    client: Inner,
}

impl Connector {
    /// One that trusts whom the system trusts.
    pub(crate) fn new() -> io::Result<Self> {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(Arc::new(rustls::crypto::ring::default_provider()))
            .map_err(io::Error::other)?;
        let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.client.clone())))
    }
}

#[derive(Debug)]
struct Service(Inner);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = timeout(ANSWER, self.0.request(request)).await;
        let answer = answer.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?;
        let (head, body) = answer.map_err(|error| HttpError::new(kind(&error), error))?.into_parts();
        let body = TimeoutBody::new(SILENCE, body).map_err(|error| HttpError::new_boxed(HttpErrorKind::Interrupted, error));
        Ok(HttpResponse::from_parts(head, HttpResponseBody::new(body)))
    }
}

/// What may be tried again.
fn kind(error: &hyper_util::client::legacy::Error) -> HttpErrorKind {
    if error.is_connect() {
        return HttpErrorKind::Connect;
    }
    // A connection that was kept and closed meanwhile.
    let is_closed = |error: &hyper::Error| error.is_closed() || error.is_canceled() || error.is_incomplete_message();
    match error.source().and_then(|source| source.downcast_ref::<hyper::Error>()) {
        Some(source) if is_closed(source) => HttpErrorKind::Request,
        _ => HttpErrorKind::Interrupted,
    }
}
