//! What counts as read, and where the line above what is new stands.

use dioxus::{core::spawn_forever, prelude::*};

use crate::screens::workspace::{Desk, OpenChat};

/// Tells the other person what was read while the page is looked at, and returns whether the line above what is new is
/// shown: it appears for what came while nobody looked, and stays until one writes or leaves.
pub(super) fn use_reading(desk: Desk, open: Memo<OpenChat>) -> Signal<bool> {
    let mut line = use_signal(|| false);
    let opened = use_memo(move || open().state.read().opened == Some(Ok(())));
    let latest = use_memo(move || open().state.read().latest_key().map(ToOwned::to_owned));
    use_effect(move || {
        if (desk.attended)() && opened() {
            line.set(open.peek().state.peek().has_line());
        }
    });
    use_effect(move || {
        let handle = open().handle.read().clone();
        if latest().is_some()
            && (desk.attended)()
            && let Some(handle) = handle
        {
            spawn(async move {
                handle.mark_read().await;
                if !*line.peek() {
                    handle.move_line().await;
                }
            });
        }
    });
    use_drop(move || {
        let handle = open.peek().handle.peek().clone();
        if let Some(handle) = handle {
            spawn_forever(async move { handle.move_line().await });
        }
    });
    line
}
