//! The head of a chat: who it is with, calls, and what is known of its safety.

use dioxus::prelude::*;
use hearth_web_state::{call, chats::Chat, identity::Peer, safety::Safety};

use super::lock::SafetyLock;
use crate::{
    components::{
        avatar::Avatar,
        icon::{Icon, Shape},
    },
    screens::{
        call::CallButtons,
        chat_options::ChatOptions,
        workspace::{Desk, View},
    },
};

/// `id` decides the tone of the picture; `call` is whom the call buttons call, if they are there; `options` is the chat
/// whose options are offered, once it is there.
#[component]
pub(crate) fn Header(
    id: String,
    name: String,
    peer: Option<String>,
    call: Option<call::Chat>,
    #[props(default)] safety: Safety,
    #[props(default)] people: Vec<Peer>,
    #[props(default)] options: Option<Chat>,
) -> Element {
    let mut desk = use_context::<Desk>();
    rsx! {
        header { class: "pane-head",
            button {
                class: "icon-button pane-back",
                r#type: "button",
                "aria-label": "Back to chats",
                onclick: move |_| desk.go(View::Home),
                Icon { shape: Shape::Back }
            }
            Avatar { id, name: name.clone(), small: true }
            div { class: "pane-head-text",
                h1 { class: "pane-title", dir: "auto", "{name}" }
                if let Some(peer) = peer { p { class: "pane-subtitle", "{peer}" } }
            }
            if let Some(chat) = call { CallButtons { chat } }
            SafetyLock { safety, people }
            if let Some(chat) = options { ChatOptions { chat } }
        }
    }
}
