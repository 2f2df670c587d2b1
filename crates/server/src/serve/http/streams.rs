//! HTTP/2: many requests over one connection. Each request beyond the first takes a place among all connections, as it would take one
//! over HTTP/1.1; and a client that takes nothing of an answer is left, as `deadlines` leaves those whose connection takes nothing.

use std::{
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::{
    body::{Frame, SizeHint},
    server::conn::http2,
};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Requests of one connection at once: what RFC 9113 (section 6.5.2) recommends as the least.
const STREAMS_MAX: u32 = 100;
/// Headers of one request, bytes, as HPACK counts them.
const HEADERS_BYTES_MAX: u32 = 16 * 1024;
/// What a client may send of one body before it is read, and of all of a connection's, bytes.
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;
/// How much of an answer the connection takes over at once, bytes: what it has taken over is nobody's to watch.
const PIECE_BYTES: usize = 16 * 1024;
/// Requests that were given up before they were looked at, and those that broke the rules, until the connection ends: whoever begins and
/// gives up thousands pays with connections.
const GIVEN_UP_MAX: usize = 20;
const BROKEN_MAX: usize = 32;
/// How often it is asked whether the client is still there. Phones sleep in between.
const PING: Duration = Duration::from_secs(120);

pub(super) fn builder(idle: Duration) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(PIECE_BYTES)
        .max_pending_accept_reset_streams(GIVEN_UP_MAX)
        .max_local_error_reset_streams(BROKEN_MAX)
        .keep_alive_interval(PING)
        .keep_alive_timeout(idle);
    builder
}

/// The answers of one connection that are on their way.
#[derive(Default)]
pub(super) struct Answers {
    open: Mutex<Vec<Weak<Taking>>>,
}

/// Since when the client has been to take the next piece of an answer; none while the piece is being made.
#[derive(Default)]
struct Taking {
    since: Mutex<Option<Instant>>,
}

impl Answers {
    /// The same body in pieces, which are watched.
    pub(super) fn watched(&self, body: Body) -> Body {
        let taking = Arc::new(Taking::default());
        let mut open = self.open.lock();
        open.retain(|other| other.strong_count() > 0);
        open.push(Arc::downgrade(&taking));
        Body::new(Pieces { body, rest: Bytes::new(), taking })
    }

    /// Whether a client has taken nothing of one of them for `most`.
    pub(super) fn are_stuck(&self, most: Duration) -> bool {
        let is_stuck = |taking: Arc<Taking>| taking.since.lock().is_some_and(|since| since.elapsed() >= most);
        self.open.lock().iter().filter_map(Weak::upgrade).any(is_stuck)
    }
}

/// A body in pieces.
struct Pieces {
    body: Body,
    rest: Bytes,
    taking: Arc<Taking>,
}

impl Pieces {
    /// The last byte goes alone: the connection asks for it when the client has made room for all before it, and until then the answer
    /// holds its place and is watched.
    fn next(&mut self) -> Frame<Bytes> {
        *self.taking.since.lock() = Some(Instant::now());
        let bytes = self.rest.len().saturating_sub(1).clamp(1, PIECE_BYTES).min(self.rest.len());
        Frame::data(self.rest.split_to(bytes))
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.next())));
        }
        *self.taking.since.lock() = None;
        match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) => {
                    self.rest = data;
                    self.next()
                }
                Err(other) => other,
            }))),
            ended => Poll::Ready(ended),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = self.rest.len() as u64;
        if let Some(exact) = hint.exact() {
            hint.set_exact(exact + rest);
        }
        hint
    }
}
