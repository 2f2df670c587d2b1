//! What counts as read, and whether the line above what is new is shown.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::conversation::{latest_key, line_key};

use crate::{
    screens::workspace::{Desk, OpenChat},
    task::to_the_end,
};

/// Tells the other person what was read: what was on the screen while the page was looked at. Returns whether the line
/// above what is new is shown: it appears for what came while nobody looked, and stays until one writes or leaves.
pub(super) fn use_reading(desk: Desk, open: Memo<OpenChat>, at_end: Signal<bool>) -> Signal<bool> {
    let mut line = use_signal(|| false);
    let opened = use_memo(move || *open().opened.read() == Some(Ok(())));
    let latest = use_memo(move || latest_key(&open().rows.read()).map(ToOwned::to_owned));
    use_effect(move || {
        if (desk.attended)() && opened() {
            line.set(line_key(&open.peek().rows.peek()).is_some());
        }
    });
    use_effect(move || {
        let handle = open().handle.read().clone();
        if latest().is_some()
            && (desk.attended)()
            && at_end()
            && let Some(handle) = handle
        {
            // Whoever leaves the chat before the server has answered has read it all the same.
            let told = {
                let handle = handle.clone();
                to_the_end(async move { handle.mark_read().await })
            };
            spawn(async move {
                if told.await.is_ok() && !*line.peek() {
                    handle.move_line().await;
                }
            });
        }
    });
    use_drop(move || {
        let handle = open.peek().handle.peek().clone();
        if let Some(handle) = handle.filter(|_| *at_end.peek()) {
            spawn_forever(async move { handle.move_line().await });
        }
    });
    line
}
