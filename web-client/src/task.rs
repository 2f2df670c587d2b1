//! Work that does not end with the part of the page that asked for it.

use dioxus::{core::spawn_forever, prelude::*};
use futures_channel::oneshot;

/// Runs `work` to its end, even when whoever asked is gone by then. What comes of it is told, unless the page goes away.
pub(crate) fn to_the_end<T: 'static>(work: impl Future<Output = T> + 'static) -> oneshot::Receiver<T> {
    let (done, result) = oneshot::channel();
    spawn_forever(async move {
        let _gone = done.send(work.await);
    });
    result
}

/// A signal that lives as long as the page: for all that such work writes to, which a signal of the part that began it would not outlive.
pub(crate) fn lasting<T: 'static>(value: T) -> Signal<T> {
    Signal::new_in_scope(value, ScopeId::ROOT)
}
