//! Where messages are written: Enter sends, Shift and Enter begin a new line.

use dioxus::prelude::*;

use super::icon::{Icon, Shape};
use crate::browser;

/// The id of the text area, for moving the focus to it.
pub(crate) const COMPOSER_ID: &str = "composer";

/// `draft` is the text so far; `onsend` gets the finished one. `ontype` runs on every change with whether there is text.
#[component]
pub(crate) fn Composer(
    to: String,
    draft: String,
    ondraft: EventHandler<String>,
    onsend: EventHandler<String>,
    ontype: EventHandler<bool>,
) -> Element {
    let empty = draft.trim().is_empty();
    let text = draft.clone();
    let send = use_callback(move |text: String| {
        if !text.trim().is_empty() {
            onsend.call(text);
            ontype.call(false);
        }
    });
    use_effect(use_reactive!(|draft| {
        // Also when a draft is restored or cleared, not only while typing.
        let _ = draft;
        browser::fit_height(COMPOSER_ID);
    }));
    let on_enter = text.clone();
    rsx! {
        form {
            class: "composer",
            onsubmit: move |event| {
                event.prevent_default();
                send.call(text.clone());
            },
            textarea {
                id: COMPOSER_ID,
                class: "composer-text",
                "aria-label": "Message",
                placeholder: "Message {to}",
                rows: 1,
                maxlength: 32_000,
                autocomplete: "off",
                value: "{draft}",
                oninput: move |event| {
                    let text = event.value();
                    ontype.call(!text.trim().is_empty());
                    ondraft.call(text);
                },
                onkeydown: move |event| {
                    if event.key() == Key::Enter && !event.modifiers().shift() && !event.is_composing() {
                        event.prevent_default();
                        send.call(on_enter.clone());
                    }
                },
            }
            button { class: "composer-send", r#type: "submit", disabled: empty, "aria-label": "Send", title: "Send",
                Icon { shape: Shape::Send }
            }
        }
    }
}
