//! A link that is shown this once.

use dioxus::prelude::*;
use hearth_web_state::admin::MadeLink;

use super::moment::moment;
use crate::{
    browser,
    components::icon::{Icon, Shape},
};

/// The link, to be copied, and until when it counts. `name` says what it is.
#[component]
pub(super) fn LinkBox(made: MadeLink, name: &'static str) -> Element {
    let mut copied = use_signal(|| None::<bool>);
    let link = made.link.clone();
    let copy = move |_| {
        let link = link.clone();
        async move { copied.set(Some(browser::copy(&link).await)) }
    };
    rsx! {
        div { class: "admin-link",
            input { class: "field-input", r#type: "text", readonly: true, "aria-label": name, value: "{made.link}" }
            button { class: "button", r#type: "button", onclick: copy,
                Icon { shape: Shape::Copy }
                if copied() == Some(true) { "Copied" } else { "Copy" }
            }
        }
        p { class: "admin-hint", role: "status",
            if copied() == Some(false) { "The browser doesn’t let it be copied. Select it, and copy it yourself. " }
            "It is shown this once, and counts until {moment(made.expires_at_ms)}."
        }
    }
}
