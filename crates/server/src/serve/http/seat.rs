//! One connection as the admission sees it: whose turn it is, and whether it was asked to leave.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;

/// What is known of a connection. All of it are hints for a choice, which is why nothing else is ordered by them.
#[derive(Default)]
pub(super) struct Seat {
    /// Requests that have not been answered. More than one only over HTTP/2.
    open: AtomicUsize,
    /// Those of them that have arrived whole: closing the connection would cost the client something.
    served: AtomicUsize,
    /// A request has arrived whole at some time.
    has_asked: AtomicBool,
    /// A request came with a session at some time.
    is_known: AtomicBool,
    leave: Notify,
}

impl Seat {
    /// Whether the next thing to happen is up to the client: a request, or the rest of one.
    pub(super) fn is_clients_turn(&self) -> bool {
        self.served.load(Relaxed) == 0
    }

    /// It stands for a request that has arrived.
    pub(super) fn take(&self) {
        self.served.store(1, Relaxed);
    }

    /// Whether a request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.open.load(Relaxed) > 0
    }

    /// Whether the client has ever asked for anything.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Relaxed)
    }

    /// Whether a request came with a session.
    pub(super) fn is_known(&self) -> bool {
        self.is_known.load(Relaxed)
    }

    /// A request came with a session.
    pub(super) fn know(&self) {
        self.is_known.store(true, Relaxed);
    }

    /// The connection is to be closed for another one.
    pub(super) fn ask_to_leave(&self) {
        self.leave.notify_one();
    }

    /// Ends when the connection is to be closed for another one.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }
}

/// One request, from its headers until its answer is out.
pub(super) struct Turn {
    seat: Arc<Seat>,
    stands: AtomicU8,
}

/// It has not arrived whole; it is the server's turn; it has been answered.
const ARRIVING: u8 = 0;
const SERVED: u8 = 1;
const ANSWERED: u8 = 2;

impl Turn {
    /// The turn, and how many requests of the connection were under way before.
    pub(super) fn begin(seat: &Arc<Seat>) -> (Arc<Self>, usize) {
        let before = seat.open.fetch_add(1, Relaxed);
        (Arc::new(Self { seat: Arc::clone(seat), stands: AtomicU8::new(ARRIVING) }), before)
    }

    pub(super) fn seat(&self) -> &Seat {
        &self.seat
    }

    /// The request is there with all of its body.
    pub(super) fn arrive(&self) {
        self.seat.has_asked.store(true, Relaxed);
        if self.stands.compare_exchange(ARRIVING, SERVED, Relaxed, Relaxed).is_ok() {
            self.seat.served.fetch_add(1, Relaxed);
        }
    }

    fn answer(&self) {
        if self.stands.swap(ANSWERED, Relaxed) == SERVED {
            self.seat.served.fetch_sub(1, Relaxed);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.answer();
        self.seat.open.fetch_sub(1, Relaxed);
    }
}

/// Beside a request's body: when that is dropped, which is at its end mostly, it is the server's turn.
pub(super) struct Asking(pub(super) Arc<Turn>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.arrive();
    }
}

/// Beside an answer's body: when that has been sent, it is the client's turn.
pub(super) struct Answering(pub(super) Arc<Turn>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answer();
    }
}

/// A body, and what is dropped with it.
pub(super) struct With<T> {
    body: Body,
    _beside: T,
}

impl<T: Unpin + Send + 'static> With<T> {
    /// The same body, which drops `beside` when it is dropped itself.
    pub(super) fn body(body: Body, beside: T) -> Body {
        Body::new(Self { body, _beside: beside })
    }
}

impl<T: Unpin> hyper::body::Body for With<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
