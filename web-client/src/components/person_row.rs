//! A person found by search: picture, name and user id, as one button.

use dioxus::prelude::*;

use super::avatar::Avatar;

/// `onpick` gets the user id.
#[component]
pub(crate) fn PersonRow(user_id: String, name: String, disabled: bool, onpick: EventHandler<String>) -> Element {
    let picked = user_id.clone();
    rsx! {
        li { class: "row-item",
            button {
                class: "row",
                r#type: "button",
                disabled,
                onclick: move |_| onpick.call(picked.clone()),
                Avatar { id: user_id.clone(), name: name.clone() }
                span { class: "row-text",
                    span { class: "row-name", "{name}" }
                    span { class: "row-line", "{user_id}" }
                }
            }
        }
    }
}
