//! What a message says.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::{
    emoji::is_only_emoji,
    message::{Content, Message},
    rich_text::{Piece, pieces},
};

use super::Wish;
use crate::components::icon::{Icon, Shape};

#[component]
pub(super) fn MessageBody(message: Rc<Message>, onwish: Callback<Wish>) -> Element {
    if message.trust.hides_text() {
        return rsx! {};
    }
    let edited = if message.edited {
        rsx! { span { class: "message-edited", " (edited)" } }
    } else {
        rsx! {}
    };
    match &message.content {
        Content::Text(text) | Content::Notice(text) => rsx! {
            p { class: if is_only_emoji(text) { "message-text message-emoji" } else { "message-text" }, dir: "auto",
                Pieces { text: text.clone() }
                {edited}
            }
        },
        Content::Emote(text) => rsx! {
            p { class: "message-text message-emote", dir: "auto",
                bdi { "{message.sender_name}" }
                " "
                Pieces { text: text.clone() }
                {edited}
            }
        },
        Content::Undecryptable(missing) => rsx! {
            p { class: "message-text message-aside",
                Icon { shape: Shape::Lock }
                span { "{missing.words()}" }
                if missing.needs_recovery_key() {
                    button { class: "link", r#type: "button", onclick: move |_| onwish.call(Wish::Unlock), "Enter recovery key" }
                }
            }
        },
        content => {
            let words = content.summary();
            rsx! { p { class: "message-text message-aside", dir: "auto", "{words}" {edited} } }
        }
    }
}

#[component]
fn Pieces(text: String) -> Element {
    rsx! {
        for (index, piece) in pieces(&text).into_iter().enumerate() {
            match piece {
                Piece::Text(text) => rsx! { span { key: "{index}", "{text}" } },
                Piece::Link { text, href } => rsx! {
                    a { key: "{index}", href, target: "_blank", rel: "noopener noreferrer nofollow", "{text}" }
                },
            }
        }
    }
}
