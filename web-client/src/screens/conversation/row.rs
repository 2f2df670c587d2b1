//! One row of the log.

use dioxus::prelude::*;
use hearth_web_state::{
    call,
    conversation::{Placed, Row},
};

use super::act;
use crate::{
    browser,
    components::message_row::MessageRow,
    screens::{call::CallRowLine, workspace::OpenChat},
};

/// The row as it is shown; `with` is whom a call in the log calls again.
pub(super) fn row(item: &Placed<'_>, open: OpenChat, with: Option<&call::Chat>) -> Element {
    match item.row {
        Row::Message(message) => rsx! {
            MessageRow {
                key: "{message.key}",
                message: (**message).clone(),
                heads_group: item.heads_group,
                mark: item.mark,
                onretry: move |key: String| act(open, move |handle| async move { handle.retry(&key).await }),
                ondiscard: move |key: String| act(open, move |handle| async move { handle.discard(&key).await }),
            }
        },
        Row::Day { key, at_ms } => {
            let heading = browser::local_time(*at_ms).day_heading(browser::now());
            rsx! { div { key: "{key}", class: "day", role: "separator", "aria-label": "{heading}", span { "{heading}" } } }
        }
        Row::Unread { key } => {
            rsx! { div { key: "{key}", class: "day day-unread", role: "separator", "aria-label": "New messages", span { "New" } } }
        }
        Row::Note { key, text, .. } => rsx! { p { key: "{key}", class: "note", "{text}" } },
        Row::Call { key, .. } => match &item.call {
            Some(call) => rsx! { CallRowLine { key: "{key}", row: call.clone(), chat: with.cloned() } },
            None => rsx! { span { key: "{key}", hidden: true } },
        },
        // Keyed like its neighbours: a list must not mix rows with and without a key.
        Row::Start { key } => rsx! { span { key: "{key}", hidden: true } },
        Row::Hidden { .. } => rsx! { span { key: "{\"hidden\"}", hidden: true } },
    }
}
