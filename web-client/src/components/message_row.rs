//! One message as it stands in the log.

use dioxus::prelude::*;
use hearth_web_state::{
    conversation::{Body, Mark, Message},
    rich_text::{Piece, is_only_emoji, pieces},
};

use super::{
    avatar::Avatar,
    icon::{Icon, Shape},
};
use crate::browser;

/// A message that heads its group shows who and when; the others only what. `onretry` and `ondiscard` get the row key.
#[component]
pub(crate) fn MessageRow(
    message: Message,
    heads_group: bool,
    mark: Option<Mark>,
    onretry: EventHandler<String>,
    ondiscard: EventHandler<String>,
) -> Element {
    let time = browser::local_time(message.at_ms).time();
    let mut class = String::from(if heads_group { "message message-head" } else { "message" });
    if mark == Some(Mark::Sending) {
        class.push_str(" message-sending");
    }
    rsx! {
        article { class: "{class}", "data-own": if message.own { "true" },
            if heads_group {
                Avatar { id: message.sender.clone(), name: message.sender_name.clone() }
            } else {
                span { class: "message-hover-time", "aria-hidden": "true", "{time}" }
            }
            div { class: "message-main",
                if heads_group {
                    p { class: "message-who",
                        span { class: "message-name", "{message.sender_name}" }
                        time { class: "message-time", "{time}" }
                    }
                } else {
                    span { class: "sr-only", "{message.sender_name}, {time}: " }
                }
                MessageBody { body: message.body.clone(), sender_name: message.sender_name.clone(), edited: message.edited }
                if let Some(mark) = mark {
                    MarkLine { mark, row_key: message.key.clone(), onretry, ondiscard }
                }
            }
        }
    }
}

#[component]
fn MessageBody(body: Body, sender_name: String, edited: bool) -> Element {
    let edited = if edited {
        rsx! { span { class: "message-edited", " (edited)" } }
    } else {
        rsx! {}
    };
    match body {
        Body::Text(text) => rsx! {
            p { class: if is_only_emoji(&text) { "message-text message-emoji" } else { "message-text" },
                Pieces { text: text.clone() }
                {edited}
            }
        },
        Body::Emote(text) => rsx! {
            p { class: "message-text message-emote", "{sender_name} " Pieces { text } {edited} }
        },
        Body::Undecryptable(missing) => rsx! {
            p { class: "message-text message-aside", Icon { shape: Shape::Lock } "{missing.words()}" }
        },
        Body::Deleted => rsx! { p { class: "message-text message-aside", "This message was deleted." } },
        Body::Unsupported(what) => rsx! { p { class: "message-text message-aside", "{what}" } },
    }
}

#[component]
fn Pieces(text: String) -> Element {
    rsx! {
        for (index, piece) in pieces(&text).into_iter().enumerate() {
            match piece {
                Piece::Text(text) => rsx! { span { key: "{index}", "{text}" } },
                Piece::Link(address) => rsx! {
                    a { key: "{index}", href: "{address}", target: "_blank", rel: "noopener noreferrer nofollow", "{address}" }
                },
            }
        }
    }
}

#[component]
fn MarkLine(mark: Mark, row_key: String, onretry: EventHandler<String>, ondiscard: EventHandler<String>) -> Element {
    let discard_key = row_key.clone();
    match mark {
        Mark::Sending => rsx! { p { class: "message-mark", "Sending…" } },
        Mark::Sent => rsx! { p { class: "message-mark", "Sent" } },
        Mark::Seen => rsx! { p { class: "message-mark", "Seen" } },
        Mark::Waiting => rsx! {
            p { class: "message-mark", role: "status",
                "Waiting for the connection… "
                button { class: "link", r#type: "button", onclick: move |_| ondiscard.call(discard_key.clone()), "Delete" }
            }
        },
        Mark::Failed => rsx! {
            p { class: "message-mark message-failed", role: "alert",
                Icon { shape: Shape::Warning }
                "Not sent. "
                button { class: "link", r#type: "button", onclick: move |_| onretry.call(row_key.clone()), "Try again" }
                button { class: "link", r#type: "button", onclick: move |_| ondiscard.call(discard_key.clone()), "Delete" }
            }
        },
    }
}
