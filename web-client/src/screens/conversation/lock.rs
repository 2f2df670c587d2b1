//! The lock in the head of a chat, and the page behind it: who can read what is written here.

use dioxus::prelude::*;
use hearth_web_state::{
    identity::Peer,
    safety::{DEVICES_WORDS, Encryption, Safety},
    verification::{Input, Other},
};

use crate::{
    browser,
    components::icon::{Icon, Shape},
    later::later,
    screens::verification::Comparing,
};

const SAFETY_ID: &str = "chat-safety";

/// A button with the lock, closed only if the chat is encrypted.
#[component]
pub(super) fn SafetyLock(safety: Safety, people: Vec<Peer>) -> Element {
    let mut was_opened = use_signal(|| false);
    let is_on = safety.encryption == Encryption::On;
    let title = safety.title();
    let open = move |_| {
        if was_opened() {
            browser::show_dialog(SAFETY_ID);
        } else {
            was_opened.set(true);
        }
    };
    rsx! {
        button {
            class: if safety.encryption == Encryption::Off { "icon-button pane-lock-open" } else { "icon-button" },
            r#type: "button",
            "aria-label": title,
            title,
            "aria-haspopup": "dialog",
            onclick: open,
            Icon { shape: if is_on { Shape::Lock } else { Shape::LockOpen } }
        }
        if was_opened() { SafetyPage { safety, people } }
    }
}

later! {
    /// The page behind the lock. It opens itself when it is there.
    SafetyPage(PageProps) of more by load_safety_page, Front: Page
}

#[component]
pub(crate) fn Page(safety: Safety, people: Vec<Peer>) -> Element {
    use_effect(|| browser::show_dialog(SAFETY_ID));
    rsx! {
        dialog { id: SAFETY_ID, class: "dialog", "aria-labelledby": "chat-safety-title",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "chat-safety-title", {safety.title()} }
                p { "{safety.readers()}" }
                if safety.encryption == Encryption::On {
                    div { class: "identity-people",
                        for peer in people { Person { key: "{peer.user_id}", peer } }
                    }
                    p { "{DEVICES_WORDS}" }
                    p { "Messages carry a mark if they are not encrypted, or if it isn’t certain who wrote them." }
                    p { "What the server sees all the same:" }
                    ul { class: "dialog-list",
                        for line in safety.server_sees() { li { key: "{line}", "{line}" } }
                    }
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", "Close" }
                }
            }
        }
    }
}

/// Whether somebody is verified, and which of their devices get keys.
#[component]
fn Person(peer: Peer) -> Element {
    let comparing = use_context::<Comparing>();
    let (user_id, name) = (peer.user_id.clone(), peer.name.clone());
    let since = comparing.seen.read().since(&user_id);
    let since = since.map(|since| since.words(&browser::local_time(since.at_ms).day_heading(browser::now())));
    rsx! {
        div { class: "identity-person",
            p { "{peer.standing()}" }
            p { "{peer.devices()}" }
            if let Some(since) = since { p { "{since}" } }
            if peer.can_compare() {
                button {
                    class: "button",
                    r#type: "button",
                    onclick: move |_| comparing.take(Input::Ask(Other::Person { user_id: user_id.clone(), name: name.clone() })),
                    "Compare emoji with " bdi { "{peer.name}" }
                }
            }
        }
    }
}
