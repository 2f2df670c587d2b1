//! The offer to be told of messages and calls: a quiet line once there is a chat, and never a question by itself.

use dioxus::prelude::*;

use crate::{
    browser::{self, Permission},
    components::notice::{Notice, Tone},
    screens::workspace::Desk,
};

/// Shown until it is decided, here or in the settings.
#[component]
pub(super) fn Offer() -> Element {
    let mut desk = use_context::<Desk>();
    let is_open = desk.wishes.read().is_none() && browser::permission() == Permission::Open;
    if !is_open || desk.chats.read().talks().next().is_none() {
        return rsx! {};
    }
    rsx! {
        div { class: "sidebar-notice",
            Notice { tone: Tone::Calm, text: "Know when somebody writes or calls.",
                button { class: "link", r#type: "button", onclick: move |_| async move { desk.wish_to_be_told(true).await },
                    "Turn on notifications"
                }
                button { class: "link", r#type: "button", onclick: move |_| async move { desk.wish_to_be_told(false).await },
                    "No, thanks"
                }
            }
        }
    }
}
