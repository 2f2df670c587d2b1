//! Connections: HTTP/1.1 with small buffers, because most of them are long polls that wait, and inside of TLS HTTP/2 (`streams`). How many
//! there may be stands in `admission`, how long their clients may take in `deadlines`, and whose they are in `forwarded`.

mod admission;
mod deadlines;
mod descriptors;
mod forwarded;
mod guests;
mod request_id;
mod seat;
mod streams;

use std::{
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use api::{ClientAddress, KnownClient};
use axum::{
    Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hyper::{
    body::{Body as _, Incoming},
    header::{HeaderValue, RETRY_AFTER, STRICT_TRANSPORT_SECURITY},
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
    time::Instant,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt;

pub(super) use admission::Admission;
use admission::Place;
use deadlines::Impatient;
pub(super) use descriptors::{connections_max, raise as raise_descriptors};
pub(super) use guests::Caps;
use seat::{Answering, Asking, Seat, Turn, With};
use streams::Answers;

/// The least that HTTP's parser asks for. Larger headers than that are refused with 431.
const BUFFER_BYTES: usize = 16 * 1024;
/// By which scheme a client has come, as proxies say it.
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// What is spoken inside of TLS, as its handshake names it (RFC 7301).
pub(super) const HTTP1: &[u8] = b"http/1.1";
pub(super) const HTTP2: &[u8] = b"h2";
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

/// What is spoken over a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoken {
    Http1,
    Http2,
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
        None => tokio::spawn(converse(stream, Spoken::Http1, peer.ip(), place, service, watcher)),
        Some(tls) => tokio::spawn(async move {
            let encrypted = encrypt(stream, &tls.acceptor, service.idle.min(HANDSHAKE_MAX));
            let encrypted = tokio::select! {
                encrypted = encrypted => encrypted,
                () = place.seat().asked_to_leave() => None,
            };
            if let Some((stream, spoken)) = encrypted {
                converse(stream, spoken, peer.ip(), place, service, watcher).await;
            }
        }),
    };
}

/// Shakes hands within `most`; none when that comes to nothing, or was all that was asked for. With what is spoken.
async fn encrypt(stream: TcpStream, tls: &TlsAcceptor, most: Duration) -> Option<(TlsStream<TcpStream>, Spoken)> {
    let stream = tokio::time::timeout(most, tls.accept(stream)).await.ok()?.ok()?;
    let spoken = match stream.get_ref().1.alpn_protocol() {
        None | Some(HTTP1) => Spoken::Http1,
        Some(HTTP2) => Spoken::Http2,
        // An authority has seen what it wanted to see by now (RFC 8737, section 3).
        Some(_) => return None,
    };
    Some((stream, spoken))
}

/// Answers the requests of one connection until it ends.
async fn converse<S>(stream: S, spoken: Spoken, peer: IpAddr, place: Place, service: Service, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let idle = service.idle;
    // The buffers of one of HTTP/2 are those of two of HTTP/1.1.
    let second = match spoken {
        Spoken::Http1 => None,
        Spoken::Http2 => match service.admission.admit(peer) {
            Some(second) => Some(second.taken()),
            None => return,
        },
    };
    let (seat, answers) = (Arc::clone(place.seat()), Arc::new(Answers::default()));
    let watched = (spoken == Spoken::Http2).then(|| Arc::clone(&answers));
    let answer = service_fn(move |request| answer(request, peer, &seat, watched.clone(), &service));
    let io = TokioIo::new(Impatient::new(stream, idle));
    let conversation = async {
        // A connection that breaks is the client's affair.
        match spoken {
            Spoken::Http1 => {
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(idle).max_buf_size(BUFFER_BYTES);
                drop(watcher.watch(http.serve_connection(io, answer)).await);
            }
            // Boxed, so that a connection of HTTP/1.1 is no larger for it.
            Spoken::Http2 => drop(Box::pin(watcher.watch(streams::builder(idle).serve_connection(io, answer))).await),
        }
    };
    tokio::select! {
        () = conversation => {}
        () = place.seat().asked_to_leave() => {}
        () = is_left(place.seat(), &answers, idle), if spoken == Spoken::Http2 => {}
    }
    drop(second);
}

/// Ends when nothing has been asked over a connection of HTTP/2 for as long as a client may pause, or nothing of an answer been taken.
async fn is_left(seat: &Seat, answers: &Answers, idle: Duration) {
    let mut busy_at = Instant::now();
    let mut looks = tokio::time::interval((idle / 4).max(Duration::from_millis(1)));
    loop {
        looks.tick().await;
        if seat.is_busy() {
            busy_at = Instant::now();
        }
        if busy_at.elapsed() >= idle || answers.are_stuck(idle) {
            return;
        }
    }
}

/// Answers one request. What it finds in the request's extensions is whom it is counted for, and no other address.
fn answer(
    request: hyper::Request<Incoming>,
    peer: IpAddr,
    seat: &Arc<Seat>,
    watched: Option<Arc<Answers>>,
    service: &Service,
) -> impl Future<Output = Result<Response, Infallible>> + use<> {
    let (turn, before) = Turn::begin(seat);
    let place = match before {
        0 => Ok(None),
        // Nobody asks that one to leave: it is the server's turn until the answer is out.
        _ => service.admission.admit(peer).map(|place| Some(place.taken())).ok_or(()),
    };
    let client = forwarded::client_address(peer, request.headers(), service.admission.proxies());
    let mut request = request.map(|body| incoming(body, &turn, service.idle));
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
        let Ok(place) = place else { return Ok(no_place()) };
        let mut response = answered.await?;
        if response.extensions().get::<KnownClient>().is_some() {
            turn.seat().know();
        }
        response.headers_mut().extend(request_id::header(&id));
        if is_strict {
            // For a year nobody asks this host in plain text any more (RFC 6797).
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        // A request beyond the first has its place until its answer is out.
        let response = response.map(|body| With::body(body, (Answering(turn), place)));
        Ok(match watched {
            None => response,
            Some(answers) => response.map(|body| answers.watched(body)),
        })
    }
}

/// What a request is answered that would have found no connection.
fn no_place() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, HeaderValue::from_static("1"))]).into_response()
}

/// The body of a request, within its deadline. Most requests have none.
fn incoming(body: Incoming, turn: &Arc<Turn>, idle: Duration) -> Body {
    if body.is_end_stream() {
        turn.arrive();
        return Body::empty();
    }
    With::body(deadlines::bounded_body(body, idle), Asking(Arc::clone(turn)))
}
