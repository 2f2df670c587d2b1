//! The lock in the head of a chat, and the page behind it: who can read what is written here.

use dioxus::prelude::*;
use hearth_web_state::safety::{Encryption, Safety};

use crate::{
    browser,
    components::icon::{Icon, Shape},
};

const SAFETY_ID: &str = "chat-safety";

/// A button with the lock, closed only if the chat is encrypted.
#[component]
pub(super) fn SafetyLock(safety: Safety) -> Element {
    let is_on = safety.encryption == Encryption::On;
    let title = safety.title();
    rsx! {
        button {
            class: if safety.encryption == Encryption::Off { "icon-button pane-lock-open" } else { "icon-button" },
            r#type: "button",
            "aria-label": title,
            title,
            "aria-haspopup": "dialog",
            onclick: move |_| browser::show_dialog(SAFETY_ID),
            Icon { shape: if is_on { Shape::Lock } else { Shape::LockOpen } }
        }
        dialog { id: SAFETY_ID, class: "dialog", "aria-labelledby": "chat-safety-title",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "chat-safety-title", "{title}" }
                p { "{safety.readers()}" }
                if is_on {
                    p { "Messages carry a mark if they are not encrypted, or if it isn’t certain who wrote them." }
                    p { "What the server sees all the same:" }
                    ul { class: "dialog-list",
                        for line in safety.server_sees() { li { key: "{line}", "{line}" } }
                    }
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", "Close" }
                }
            }
        }
    }
}
