//! A button of a call.

use dioxus::prelude::*;

use crate::components::icon::{Icon, Shape};

/// One round button. `off` shows that something is off, `lit` that something out of the ordinary is on.
#[component]
pub(super) fn Control(
    name: String,
    keys: Option<&'static str>,
    shape: Shape,
    #[props(default)] off: bool,
    #[props(default)] lit: bool,
    #[props(default)] busy: bool,
    #[props(default)] disabled: bool,
    onpress: EventHandler<()>,
) -> Element {
    let title = keys.map_or_else(|| name.clone(), |keys| format!("{name} ({keys})"));
    let class = match (off, lit) {
        (true, _) => "call-button call-button-off",
        (_, true) => "call-button call-button-lit",
        _ => "call-button",
    };
    rsx! {
        button {
            class,
            r#type: "button",
            "aria-label": "{name}",
            "aria-keyshortcuts": keys,
            "aria-busy": if busy { "true" },
            title,
            disabled,
            onclick: move |_| onpress.call(()),
            Icon { shape }
        }
    }
}
