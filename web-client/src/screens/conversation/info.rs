//! What is known of a message: when it was sent, who has read it, from where it came and how far it is to be trusted.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::message::{Info, Message};

use super::view::ChatView;
use crate::{
    browser,
    client::OpenConversation,
    components::message_row::message_id,
    later::later,
    screens::workspace::{Desk, OpenChat},
};

const ABOUT_ID: &str = "about-message";

/// The dialog, while a message is asked about.
#[component]
pub(super) fn About(open: OpenChat, view: ChatView) -> Element {
    let Some(message) = view.asked_about.read().clone() else { return rsx! {} };
    let Some(handle) = open.handle.read().clone() else { return rsx! {} };
    rsx! { AboutMessage { key: "{message.key}", message, handle, view } }
}

later! {
    /// The dialog itself, which opens itself when it is there.
    AboutMessage(AskedProps) of more by load_about_message, Front: Asked
}

#[component]
pub(crate) fn Asked(message: Rc<Message>, handle: OpenConversation, view: ChatView) -> Element {
    let mut asked_about = view.asked_about;
    use_effect(|| browser::show_dialog(ABOUT_ID));
    let key = message.key.clone();
    let info = use_resource(move || {
        let (handle, key) = (handle.clone(), key.clone());
        async move { handle.info(&key).await }
    });
    let id = message_id(&message.key);
    let close = use_callback(move |()| {
        browser::close_dialog();
        asked_about.set(None);
        browser::focus_soon(id.clone());
    });
    let excerpt = message.quote().map(|quote| quote.excerpt);
    rsx! {
        dialog {
            id: ABOUT_ID,
            class: "dialog",
            "aria-labelledby": "about-message-title",
            oncancel: move |event| {
                event.prevent_default();
                close.call(());
            },
            div { class: "dialog-body",
                h2 { id: "about-message-title", "About this message" }
                if let Some(excerpt) = excerpt { p { class: "dialog-quote", dir: "auto", "{excerpt}" } }
                match &*info.read() {
                    None => rsx! { p { role: "status", "Loading…" } },
                    Some(None) => rsx! { p { role: "status", "This message is not in the chat any more." } },
                    Some(Some(info)) => rsx! { Answers { info: info.clone() } },
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "button", onclick: move |_| close.call(()), "Close" }
                }
            }
        }
    }
}

#[component]
fn Answers(info: Info) -> Element {
    let now = (use_context::<Desk>().now)();
    let lines = info.lines(|at_ms| {
        let at = browser::local_time(at_ms);
        format!("{}, {}", at.day_heading(now), at.time())
    });
    rsx! {
        dl { class: "about-message",
            for (asked, answer) in lines {
                dt { key: "{asked}", "{asked}" }
                dd { "{answer}" }
            }
        }
    }
}
