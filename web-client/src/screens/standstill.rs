//! The screens on which nothing can be done yet, or nothing at all: starting, open elsewhere, failed.

use dioxus::prelude::*;
use hearth_web_state::{
    session::{Input, Place},
    trouble::Trouble,
};

use crate::{
    components::icon::{Icon, Shape},
    screens::lost::ForgetButton,
    shell::Shell,
};

/// Shown while the databases are opened.
#[component]
pub(crate) fn Starting() -> Element {
    let shell = use_context::<Shell>();
    let words = match shell.machine.read().place() {
        _ if (shell.clears_slowly)() => CLEARS_SLOWLY,
        Place::LoggingOut => "Logging out…",
        _ => "Opening your chats…",
    };
    rsx! {
        main { class: "standstill", "aria-busy": "true",
            span { class: "standstill-mark standstill-pulse", Icon { shape: Shape::Flame } }
            p { role: "status", "{words}" }
        }
    }
}

/// Said while an earlier log-out is not finished: nothing begins before that.
pub(crate) const CLEARS_SLOWLY: &str =
    "Still removing the chats of the last log-out from this browser. Close other tabs in which Hearth is open.";

/// Shown when another tab has the lead.
#[component]
pub(crate) fn Elsewhere() -> Element {
    let shell = use_context::<Shell>();
    rsx! {
        main { class: "standstill",
            span { class: "standstill-mark", Icon { shape: Shape::Flame } }
            h1 { "Hearth is open in another tab" }
            p { "Messages can be read and written in one tab at a time. A call in the other tab ends." }
            button {
                class: "button button-primary",
                r#type: "button",
                onclick: move |_| shell.step(Input::UseItHere),
                "Use it here"
            }
        }
    }
}

/// Shown when the account could not be opened.
#[component]
pub(crate) fn Failed(trouble: Trouble) -> Element {
    let shell = use_context::<Shell>();
    rsx! {
        main { class: "standstill",
            span { class: "standstill-mark", Icon { shape: Shape::Warning } }
            h1 { "Your chats can’t be opened" }
            p { role: "alert", "{trouble.words()}" }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| shell.step(Input::TryAgain), "Try again" }
                ForgetButton {}
            }
        }
    }
}
