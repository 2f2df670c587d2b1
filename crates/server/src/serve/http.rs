//! Connections: HTTP/1.1 with small buffers, because most of them are long polls that wait. How many there may be stands in
//! `admission`, how long their clients may take in `deadlines`, and whose they are in `forwarded`.

mod admission;
mod deadlines;
mod descriptors;
mod forwarded;
mod guests;
mod request_id;
mod seat;

use std::{
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use api::{ClientAddress, KnownClient};
use axum::{Router, body::Body, response::Response};
use hyper::{
    body::{Body as _, Incoming},
    header::{HeaderValue, STRICT_TRANSPORT_SECURITY},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt;

pub(super) use admission::Admission;
use admission::Place;
use deadlines::Impatient;
pub(super) use descriptors::{connections_max, raise as raise_descriptors};
pub(super) use guests::Caps;
use seat::{Answering, Asking, Seat, With};

/// The least that HTTP's parser asks for. Larger headers than that are refused with 431.
const BUFFER_BYTES: usize = 16 * 1024;
/// By which scheme a client has come, as proxies say it.
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// What is spoken inside of TLS.
const HTTP1: &[u8] = b"http/1.1";
/// How long a client may take to shake hands, which is two round trips.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long to wait when the system cannot take another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How connections are served.
#[derive(Clone)]
pub(super) struct Service {
    /// Who answers requests.
    pub(super) router: Router,
    /// Who gets a connection.
    pub(super) admission: Admission,
    /// How long a client may pause in a request, and take nothing of an answer.
    pub(super) idle: Duration,
    /// How connections are encrypted; none for plain HTTP.
    pub(super) tls: Option<Tls>,
}

/// How connections are encrypted.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    /// Whether browsers are told to ask this host by HTTPS only from now on.
    pub(super) is_strict: bool,
}

/// Answers requests until `stop` ends, and then lets those under way finish for at most `drain`.
pub(super) async fn serve(listener: TcpListener, service: Service, stop: impl Future<Output = ()>, drain: Duration) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            // Whoever finds no place is closed here, before anything is read or kept for it.
            Ok((stream, peer)) => {
                if let Some(place) = service.admission.admit(peer.ip()) {
                    spawn(stream, peer, place, service.clone(), &graceful);
                }
            }
            Err(error) => {
                // Out of file descriptors, mostly: those who are connected must not suffer.
                tracing::warn!(http.error = %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::info!("requests that were still waiting are cut off");
    }
}

fn spawn(stream: TcpStream, peer: SocketAddr, place: Place, service: Service, graceful: &GracefulShutdown) {
    // Small answers must not wait for more to send. A socket without the option works all the same.
    let _unsupported = stream.set_nodelay(true);
    let watcher = graceful.watcher();
    match service.tls.clone() {
        None => tokio::spawn(converse(stream, peer.ip(), place, service, watcher)),
        Some(tls) => tokio::spawn(async move {
            let encrypted = encrypt(stream, &tls.acceptor, service.idle.min(HANDSHAKE_MAX));
            let encrypted = tokio::select! {
                encrypted = encrypted => encrypted,
                () = place.seat().asked_to_leave() => None,
            };
            if let Some(stream) = encrypted {
                converse(stream, peer.ip(), place, service, watcher).await;
            }
        }),
    };
}

/// Shakes hands within `most`; none when that comes to nothing, or was all that was asked for.
async fn encrypt(stream: TcpStream, tls: &TlsAcceptor, most: Duration) -> Option<TlsStream<TcpStream>> {
    let stream = tokio::time::timeout(most, tls.accept(stream)).await.ok()?.ok()?;
    // An authority has seen what it wanted to see by now (RFC 8737, section 3).
    let speaks_http = stream.get_ref().1.alpn_protocol().is_none_or(|protocol| protocol == HTTP1);
    speaks_http.then_some(stream)
}

/// Answers the requests of one connection until it ends.
async fn converse<S>(stream: S, peer: IpAddr, place: Place, service: Service, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let idle = service.idle;
    let seat = Arc::clone(place.seat());
    let answer = service_fn(move |request| answer(request, peer, Arc::clone(&seat), &service));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(Impatient::new(stream, idle)), answer);
    tokio::select! {
        // A connection that breaks is the client's affair.
        _broken = watcher.watch(connection) => {}
        () = place.seat().asked_to_leave() => {}
    }
}

/// Answers one request. What it finds in the request's extensions is whom it is counted for, and no other address.
fn answer(
    request: hyper::Request<Incoming>,
    peer: IpAddr,
    seat: Arc<Seat>,
    service: &Service,
) -> impl Future<Output = Result<Response, Infallible>> + use<> {
    let client = forwarded::client_address(peer, request.headers(), service.admission.proxies());
    let answering = Answering(Arc::clone(&seat));
    let asking = Arc::clone(&seat);
    let mut request = request.map(|body| incoming(body, seat, service.idle));
    let id = request_id::of(peer, request.headers(), service.admission.proxies());
    request.extensions_mut().insert(ClientAddress::from(client));
    request.extensions_mut().insert(id.clone());
    let is_strict = service.tls.as_ref().is_some_and(|tls| tls.is_strict);
    if service.tls.is_some() {
        // As a proxy says it that ends HTTPS.
        request.headers_mut().insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
    }
    let answered = service.router.clone().oneshot(request);
    async move {
        let mut response = answered.await?;
        if response.extensions().get::<KnownClient>().is_some() {
            asking.know();
        }
        response.headers_mut().extend(request_id::header(&id));
        if is_strict {
            // For a year nobody asks this host in plain text any more (RFC 6797).
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        Ok(response.map(|body| With::body(body, answering)))
    }
}

/// The body of a request, within its deadline. Most requests have none.
fn incoming(body: Incoming, seat: Arc<Seat>, idle: Duration) -> Body {
    if body.is_end_stream() {
        seat.begin_service();
        return Body::empty();
    }
    With::body(deadlines::bounded_body(body, idle), Asking(seat))
}
