//! The few things most often done with a message, shown while it is pointed at or has the focus.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::message::{ActionKind, EMOJI, Message};

use super::wish::Wish;
use crate::components::icon::{Icon, Shape};

/// How many emoji are in it; all of them are in the menu.
const QUICK: usize = 3;

#[component]
pub(super) fn Toolbar(message: Rc<Message>, onwish: Callback<Wish>) -> Element {
    let actions = message.actions();
    if actions.is_empty() {
        return rsx! {};
    }
    let (for_reply, for_menu) = (message.clone(), message.clone());
    rsx! {
        div { class: "message-tools", role: "group", "aria-label": "Quick actions",
            if actions.contains(&ActionKind::React) {
                for (emoji, name) in EMOJI.into_iter().take(QUICK) {
                    button {
                        key: "{name}",
                        class: "message-tool message-tool-emoji",
                        r#type: "button",
                        "aria-label": "React with {name}",
                        "aria-pressed": if message.has_own(emoji) { "true" } else { "false" },
                        onclick: {
                            let message = message.clone();
                            move |_| onwish.call(Wish::React(message.clone(), emoji.to_owned()))
                        },
                        "{emoji}"
                    }
                }
            }
            if actions.contains(&ActionKind::Reply) {
                button {
                    class: "message-tool",
                    r#type: "button",
                    "aria-label": "Reply",
                    title: "Reply",
                    onclick: move |_| onwish.call(Wish::Do(ActionKind::Reply, for_reply.clone())),
                    Icon { shape: Shape::Reply }
                }
            }
            button {
                class: "message-tool",
                r#type: "button",
                "aria-label": "Message actions",
                title: "Message actions",
                "aria-haspopup": "menu",
                onclick: move |_| onwish.call(Wish::Menu(for_menu.clone())),
                Icon { shape: Shape::More }
            }
        }
    }
}
