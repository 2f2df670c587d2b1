//! The way out, with what it costs.

use dioxus::prelude::*;
use hearth_web_state::session::{Input, Place, unsent_words};

use crate::{
    browser,
    call::Calls,
    client::{Account, Protection},
    screens::workspace::Desk,
    shell::{KEY_REMINDER, Shell},
};

const LOG_OUT_ID: &str = "log-out";

#[component]
pub(super) fn LogOutSection() -> Element {
    let account = use_context::<Account>();
    let calls = use_context::<Calls>();
    let desk = use_context::<Desk>();
    let shell = use_context::<Shell>();
    let mut unsent = use_signal(|| None::<String>);
    let busy = use_memo(move || *shell.machine.read().place() == Place::LoggingOut);
    let words = cost(desk);
    rsx! {
        section { class: "settings-section",
            button {
                class: "button button-leave",
                r#type: "button",
                onclick: move |_| {
                    // At once, as the next key may be meant for it; what is unsent is counted in a moment.
                    browser::show_dialog(LOG_OUT_ID);
                    let account = account.clone();
                    async move {
                        unsent.set(unsent_words(account.unsent().await + desk.unsent_messages(), desk.unsent_file_count()));
                    }
                },
                "Log out"
            }
        }
        dialog { id: LOG_OUT_ID, class: "dialog", "aria-labelledby": "log-out-title", "aria-describedby": "log-out-text",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "log-out-title", "Log out?" }
                div { id: "log-out-text",
                    if let Some(unsent) = unsent() { p { strong { "{unsent}" } } }
                    p { "{words}" }
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", "Cancel" }
                    button {
                        class: "button button-danger",
                        r#type: "button",
                        disabled: busy(),
                        onclick: move |_| {
                            // A call ends first; else the browser would ask whether to leave it.
                            calls.close();
                            shell.step(Input::LogOut);
                        },
                        if busy() { "Logging out…" } else { "Log out" }
                    }
                }
            }
        }
    }
}

/// What of the history can be read after the next log-in.
fn cost(desk: Desk) -> &'static str {
    match (desk.protection)() {
        Protection::Off => "Your history isn’t backed up. It can’t be read again after logging out.",
        Protection::Locked => {
            "Your chats are removed from this browser. Older messages are locked here, and stay so until you enter your recovery key where you log in next."
        }
        Protection::Unknown | Protection::On if browser::stored(KEY_REMINDER).is_some() => {
            "You haven’t saved your recovery key. Without it your message history can’t be read again after logging out."
        }
        Protection::Unknown | Protection::On => {
            "Your chats are removed from this browser. Log in again with your recovery key to read them."
        }
    }
}
