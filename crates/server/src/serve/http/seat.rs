//! One connection as the admission sees it: whose turn it is, and whether it was asked to leave.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;

/// What is known of a connection. All flags are hints for a choice, which is why nothing else is ordered by them.
#[derive(Default)]
pub(super) struct Seat {
    /// A request has arrived whole and its answer is not out yet: closing the connection would cost the client something.
    is_served: AtomicBool,
    /// A request has arrived whole at some time.
    has_asked: AtomicBool,
    /// A request came with a session at some time.
    is_known: AtomicBool,
    leave: Notify,
}

impl Seat {
    /// Whether the next thing to happen is up to the client: a request, or the rest of one.
    pub(super) fn is_clients_turn(&self) -> bool {
        !self.is_served.load(Relaxed)
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

    /// A request is there with all of its body.
    pub(super) fn begin_service(&self) {
        self.has_asked.store(true, Relaxed);
        self.is_served.store(true, Relaxed);
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

/// Beside a request's body: when that is dropped, which is at its end mostly, it is the server's turn.
pub(super) struct Asking(pub(super) Arc<Seat>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.begin_service();
    }
}

/// Beside an answer's body: when that has been sent, it is the client's turn.
pub(super) struct Answering(pub(super) Arc<Seat>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.is_served.store(false, Relaxed);
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
