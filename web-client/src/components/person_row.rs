//! A person who was found or who asks to talk: picture, name and user id, as one button.

use dioxus::prelude::*;

use super::avatar::Avatar;

/// `onpick` runs when it is chosen. `open` marks the one that is shown.
#[component]
pub(crate) fn PersonRow(user_id: String, name: String, #[props(default)] open: bool, onpick: EventHandler) -> Element {
    rsx! {
        li { class: "row-item",
            button {
                class: "row",
                r#type: "button",
                "aria-current": if open { "page" },
                onclick: move |_| onpick.call(()),
                Avatar { id: user_id.clone(), name: name.clone() }
                span { class: "row-text",
                    span { class: "row-name", dir: "auto", "{name}" }
                    span { class: "row-line", "{user_id}" }
                }
            }
        }
    }
}
