//! Whom one has blocked.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    client::Account,
    components::notice::{Notice, Tone},
    screens::workspace::Desk,
};

/// The list, each with a way to unblock.
#[component]
pub(super) fn BlockedSection() -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let unblock = use_callback(move |user_id: String| {
        let account = account.clone();
        spawn(async move { trouble.set(account.unblock(&user_id).await.err()) });
    });
    let chats = desk.chats.read();
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-blocked",
            h2 { id: "settings-blocked", "Blocked people" }
            if chats.blocked.is_empty() {
                p { class: "settings-hint", "Nobody. You can block somebody in the options of a chat." }
            } else {
                ul { class: "devices", role: "list", "aria-label": "Blocked people",
                    for user_id in chats.blocked.iter().cloned() {
                        li { key: "{user_id}", class: "settings-line",
                            p { class: "row-name", "{user_id}" }
                            button { class: "button", r#type: "button", "aria-label": "Unblock {user_id}",
                                onclick: move |_| unblock.call(user_id.clone()), "Unblock" }
                        }
                    }
                }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
        }
    }
}
