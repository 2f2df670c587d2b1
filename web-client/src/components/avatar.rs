//! A round stand-in for a person's picture. Decorative: the name is always written beside it.

use dioxus::prelude::*;
use hearth_web_state::avatar::{initials, tone};

/// `id` decides the tone, `name` the letters.
#[component]
pub(crate) fn Avatar(id: String, name: String, #[props(default)] small: bool) -> Element {
    rsx! {
        span {
            class: if small { "avatar avatar-small" } else { "avatar" },
            "data-tone": "{tone(&id)}",
            "aria-hidden": "true",
            "{initials(&name)}"
        }
    }
}
