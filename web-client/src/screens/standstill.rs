//! The screens on which nothing can be done yet, or nothing at all: starting, open elsewhere, failed.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    components::icon::{Icon, Shape},
    shell::take_lead_and_reload,
};

/// Shown while the databases are opened.
#[component]
pub(crate) fn Starting() -> Element {
    rsx! {
        main { class: "standstill", "aria-busy": "true",
            span { class: "standstill-mark standstill-pulse", Icon { shape: Shape::Flame } }
            p { role: "status", "Opening your chats…" }
        }
    }
}

/// Shown when another tab has the lead.
#[component]
pub(crate) fn Elsewhere() -> Element {
    rsx! {
        main { class: "standstill",
            span { class: "standstill-mark", Icon { shape: Shape::Flame } }
            h1 { "Hearth is open in another tab" }
            p { "Messages can be read and written in one tab at a time." }
            button {
                class: "button button-primary",
                r#type: "button",
                onclick: move |_| take_lead_and_reload(),
                "Use it here"
            }
        }
    }
}

/// Shown when the account could not be opened.
#[component]
pub(crate) fn Failed(trouble: Trouble) -> Element {
    rsx! {
        main { class: "standstill",
            span { class: "standstill-mark", Icon { shape: Shape::Warning } }
            h1 { "Your chats can’t be opened" }
            p { role: "alert", "{trouble.words()}" }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| browser::reload(), "Try again" }
                button { class: "button", r#type: "button", onclick: move |_| browser::wipe_and_leave("asked"), "Log out here" }
            }
        }
    }
}
