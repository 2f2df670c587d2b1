//! One row of the log.

use dioxus::prelude::*;
use hearth_web_state::{
    calendar::LocalTime,
    call,
    conversation::{Placed, Row},
    message::Quote,
};

use crate::{
    browser,
    components::message_row::{MessageRow, Wish},
    screens::call::CallRowLine,
};

/// The element id of the line above what is new.
pub(super) const LINE_ID: &str = "new-messages";

/// What all rows need to know.
pub(super) struct Around<'a> {
    /// Whom a call in the log calls again.
    pub(super) with: Option<&'a call::Chat>,
    /// Now, for the names of days.
    pub(super) now: LocalTime,
    /// The key of the message that was jumped to.
    pub(super) lit: Option<&'a str>,
    /// Where wishes go.
    pub(super) onwish: Callback<Wish>,
}

/// The row as it is shown; `quote` is what it answers, if that had to be fetched.
pub(super) fn row(item: &Placed<'_>, quote: Option<Quote>, around: &Around<'_>) -> Element {
    match item.row {
        Row::Message { message, .. } => rsx! {
            MessageRow {
                key: "{message.key}",
                message: message.clone(),
                heads_group: item.heads_group,
                mark: item.mark,
                quote: item.quote.clone().or(quote),
                lit: around.lit == Some(message.key.as_str()),
                onwish: around.onwish,
            }
        },
        Row::Day { key, at_ms } => {
            let heading = browser::local_time(*at_ms).day_heading(around.now);
            rsx! { div { key: "{key}", class: "day", role: "separator", "aria-label": "{heading}", span { "{heading}" } } }
        }
        Row::Unread { key } => rsx! {
            div { key: "{key}", id: LINE_ID, class: "day day-unread", role: "separator", "aria-label": "New messages", span { "New" } }
        },
        Row::Note { key, text, .. } => rsx! { p { key: "{key}", class: "note", dir: "auto", "{text}" } },
        Row::Call { key, .. } => match &item.call {
            Some(call) => rsx! { CallRowLine { key: "{key}", row: call.clone(), chat: around.with.cloned() } },
            None => rsx! { span { key: "{key}", hidden: true } },
        },
        // Keyed like its neighbours: a list must not mix rows with and without a key.
        Row::Start { key } => rsx! { span { key: "{key}", hidden: true } },
        Row::Hidden { .. } => rsx! { span { key: "{\"hidden\"}", hidden: true } },
    }
}
