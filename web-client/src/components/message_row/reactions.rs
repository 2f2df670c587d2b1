//! The emoji under a message.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::message::{ActionKind, Message};

use super::wish::Wish;

/// One button for each emoji; pressing it reacts with it too, or takes that back.
#[component]
pub(super) fn Reactions(message: Rc<Message>, onwish: Callback<Wish>) -> Element {
    let reacts = message.allows(ActionKind::React);
    rsx! {
        div { class: "message-reactions", role: "group", "aria-label": "Reactions",
            for reaction in message.reactions.iter() {
                button {
                    key: "{reaction.emoji}",
                    class: "reaction",
                    r#type: "button",
                    disabled: !reacts,
                    "aria-pressed": if reaction.own { "true" } else { "false" },
                    "aria-label": "{reaction.emoji} {reaction.count()}: {reaction.names()}",
                    title: "{reaction.names()}",
                    onclick: {
                        let (message, emoji) = (message.clone(), reaction.emoji.clone());
                        move |_| onwish.call(Wish::React(message.clone(), emoji.clone()))
                    },
                    span { class: "reaction-emoji", "{reaction.emoji}" }
                    span { "{reaction.count()}" }
                }
            }
        }
    }
}
