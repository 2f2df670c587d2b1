//! A line that says what is going on, with a way out beside it.

use dioxus::prelude::*;

use super::icon::{Icon, Shape};

/// How loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good to know.
    Calm,
    /// Something failed.
    Trouble,
}

/// `role` is "status" for calm lines and "alert" for trouble, so that screen readers speak up only when it matters.
#[component]
pub(crate) fn Notice(tone: Tone, text: String, children: Element) -> Element {
    let (class, role) = match tone {
        Tone::Calm => ("notice", "status"),
        Tone::Trouble => ("notice notice-trouble", "alert"),
    };
    rsx! {
        div { class, role,
            if tone == Tone::Trouble { Icon { shape: Shape::Warning } }
            span { class: "notice-text", "{text}" }
            {children}
        }
    }
}
