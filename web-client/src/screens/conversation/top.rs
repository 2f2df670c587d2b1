//! What stands above the oldest message.

use dioxus::prelude::*;
use hearth_web_state::{conversation::Paging, safety::Encryption, trouble::Trouble};

use super::with::With;
use crate::components::{
    avatar::Avatar,
    icon::{Icon, Shape},
    notice::{Notice, Tone},
};

/// The beginning, that older messages are loading, or why they did not come.
#[component]
pub(super) fn Top(paging: ReadSignal<Paging>, trouble: Option<Trouble>, with: With, onretry: EventHandler<()>) -> Element {
    if let Some(trouble) = trouble {
        return rsx! {
            div { class: "log-top",
                Notice { tone: Tone::Trouble, text: format!("Older messages didn’t load. {}", trouble.words()),
                    button { class: "link", r#type: "button", onclick: move |_| onretry.call(()), "Try again" }
                }
            }
        };
    }
    let name = with.name;
    match paging() {
        Paging::AtStart => rsx! {
            div { class: "log-start",
                Avatar { id: with.peer.unwrap_or_else(|| name.clone()), name: name.clone() }
                h2 { dir: "auto", "{name}" }
                p { "This is the beginning of your chat with " bdi { "{name}" } "." }
                p { class: "log-lock",
                    Icon { shape: if with.safety.encryption == Encryption::On { Shape::Lock } else { Shape::LockOpen } }
                    "{with.safety.readers()}"
                }
            }
        },
        Paging::Loading => rsx! { p { class: "log-top", role: "status", "Loading older messages…" } },
        Paging::Idle | Paging::Failed(_) => rsx! { div { class: "log-top" } },
    }
}
