//! How a call stands, in words and in time.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::CallView;

use crate::call::now_ms;

/// The state in words, said aloud when it changes.
#[component]
pub(super) fn CallState(view: CallView) -> Element {
    rsx! { span { class: "call-state", "data-role": "call-state", role: "status", "{view.words()}" } }
}

/// How long the two have been talking; counts by itself.
#[component]
pub(super) fn CallTime(since_ms: u64) -> Element {
    let mut now = use_signal(now_ms);
    use_future(move || async move {
        loop {
            TimeoutFuture::new(1_000).await;
            now.set(now_ms());
        }
    });
    let time = clock(now().saturating_sub(since_ms));
    rsx! { span { class: "call-time", "data-role": "call-time", role: "timer", "aria-live": "off", "{time}" } }
}

/// 65 seconds are "1:05"; an hour more is "1:01:05".
fn clock(duration_ms: u64) -> String {
    let seconds = duration_ms / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
