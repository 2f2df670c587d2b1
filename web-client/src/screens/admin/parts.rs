//! What the sections of the corner share.

use dioxus::prelude::*;

use crate::{
    browser,
    components::notice::{Notice, Tone},
};

/// Why something is not shown, with a way to try again.
#[component]
pub(super) fn Failed(words: String, onagain: EventHandler<()>) -> Element {
    rsx! {
        Notice { tone: Tone::Trouble, text: words,
            button { class: "link", r#type: "button", onclick: move |_| onagain.call(()), "Try again" }
        }
    }
}

/// A name and what belongs to it, in a list of such (`dl`).
#[component]
pub(super) fn Fact(name: &'static str, value: String) -> Element {
    rsx! {
        div { class: "admin-fact",
            dt { "{name}" }
            dd { "{value}" }
        }
    }
}

/// Shows the dialog of this id, once what is asked in it is there.
pub(super) fn ask(id: &'static str) {
    browser::after_rendering(move || browser::show_dialog(id));
}
