//! A person found by search: picture, name and user id, as one button.

use dioxus::prelude::*;

use super::avatar::Avatar;

/// `onpick` runs when it is chosen.
#[component]
pub(crate) fn PersonRow(user_id: String, name: String, onpick: EventHandler) -> Element {
    rsx! {
        li { class: "row-item",
            button {
                class: "row",
                r#type: "button",
                onclick: move |_| onpick.call(()),
                Avatar { id: user_id.clone(), name: name.clone() }
                span { class: "row-text",
                    span { class: "row-name", "{name}" }
                    span { class: "row-line", "{user_id}" }
                }
            }
        }
    }
}
