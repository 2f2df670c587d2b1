//! A chat that one was invited to and has not joined.

use dioxus::prelude::*;
use hearth_web_state::{chats::Chat, trouble::Trouble};

use crate::{
    client::Account,
    components::notice::{Notice, Tone},
    screens::workspace::{Desk, View},
};

/// Asks whether to join.
#[component]
pub(super) fn Invitation(chat: Chat) -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let answer = move |accept: bool| {
        let account = account.clone();
        let id = chat.id.clone();
        spawn(async move {
            let done = if accept { account.accept(&id).await } else { account.leave(&id).await };
            match done {
                Ok(()) if accept => {}
                Ok(()) => desk.go(View::Home),
                Err(found) => trouble.set(Some(found)),
            }
        });
    };
    let decline = answer.clone();
    rsx! {
        div { class: "conversation-wait",
            p { "{chat.name} wants to talk with you." }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| answer(true), "Accept" }
                button { class: "button", r#type: "button", onclick: move |_| decline(false), "Decline" }
            }
        }
    }
}
