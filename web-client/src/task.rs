//! Work that does not end with the part of the page that asked for it.

use dioxus::core::spawn_forever;
use futures_channel::oneshot;

/// Runs `work` to its end, even when whoever asked is gone by then. What comes of it is told, unless the page goes away.
pub(crate) fn to_the_end<T: 'static>(work: impl Future<Output = T> + 'static) -> oneshot::Receiver<T> {
    let (done, result) = oneshot::channel();
    spawn_forever(async move {
        let _gone = done.send(work.await);
    });
    result
}
