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
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

pub(super) use admission::Admission;
use admission::Place;
use deadlines::Impatient;
pub(super) use descriptors::{connections_max, raise as raise_descriptors};
pub(super) use guests::Caps;
use seat::{Answering, Asking, Seat, With};

/// The least that HTTP's parser asks for. Larger headers than that are refused with 431.
const BUFFER_BYTES: usize = 16 * 1024;
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
    let idle = service.idle;
    let seat = Arc::clone(place.seat());
    let answer = service_fn(move |request| answer(request, peer.ip(), Arc::clone(&seat), &service));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(Impatient::new(stream, idle)), answer);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            // A connection that breaks is the client's affair.
            _broken = connection => {}
            () = place.seat().asked_to_leave() => {}
        }
    });
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
    let answered = service.router.clone().oneshot(request);
    async move {
        let mut response = answered.await?;
        if response.extensions().get::<KnownClient>().is_some() {
            asking.know();
        }
        response.headers_mut().extend(request_id::header(&id));
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
