//! What stands below the log: where one writes, or why one cannot.

use dioxus::prelude::*;
use hearth_web_state::{
    chats::{Chat, Hindrance, Part},
    identity::{Confirmation, Warning},
};

use super::{hindered::Hindered, people::IdentityNotice, writing::Writing};
use crate::{
    components::notice::{Notice, Tone},
    screens::workspace::{Desk, OpenChat, View},
};

/// What hinders comes first: nothing is sent from a device that is not confirmed, nor past a warning that holds.
#[component]
pub(super) fn Foot(
    id: String,
    name: String,
    chat: Option<Chat>,
    open: OpenChat,
    line: Signal<bool>,
    hindrance: Option<Hindrance>,
    warning: Option<Warning>,
) -> Element {
    let desk = use_context::<Desk>();
    if let (Some(hindrance), Some(chat)) = (hindrance, &chat) {
        return rsx! { Hindered { chat: chat.clone(), hindrance } };
    }
    if (desk.confirmation)() == Confirmation::Unconfirmed {
        return rsx! { Unconfirmed {} };
    }
    let is_awaited = chat.is_some_and(|chat| chat.peer.is_some() && chat.peer_part == Part::Invited);
    let holds = warning.as_ref().is_some_and(|warning| warning.holds);
    rsx! {
        if is_awaited { p { class: "awaited", role: "status", "{name} hasn’t accepted yet." } }
        if let Some(warning) = warning { IdentityNotice { warning } }
        if !holds { Writing { id, open, line, name } }
    }
}

#[component]
fn Unconfirmed() -> Element {
    let mut desk = use_context::<Desk>();
    rsx! {
        div { class: "writing hindered",
            Notice { tone: Tone::Calm, text: "This device isn’t confirmed as yours, so it can’t send messages or calls, and nobody gives it keys.",
                button { class: "link", r#type: "button", onclick: move |_| desk.go(View::Recovery), "Confirm this device" }
            }
        }
    }
}
