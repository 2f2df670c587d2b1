//! The recovery key: shown once after sign-up, and later the place to make a new one or to enter it.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    client::{Account, Protection},
    components::{
        field::Field,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
        recovery_key::RecoveryKey,
    },
    screens::workspace::{Desk, View},
    shell::{FreshKey, KEY_REMINDER, Shell},
    task::to_the_end,
};

/// The screen between sign-up and the first chat.
#[component]
pub(crate) fn FreshKeyScreen() -> Element {
    let shell = use_context::<Shell>();
    let account = use_context::<Account>();
    let mut fresh_key = shell.fresh_key;
    let mut saved = use_signal(|| false);
    let done = move |_| {
        if saved() {
            browser::unstore(KEY_REMINDER);
        }
        fresh_key.set(FreshKey::None);
    };
    rsx! {
        main { class: "auth",
            div { class: "auth-card",
                p { class: "auth-brand", Icon { shape: Shape::Key } "One more thing" }
                h1 { class: "auth-title", "Save your recovery key" }
                p { class: "auth-text",
                    "Your messages are encrypted so that only you can read them. This key brings them back on a new device, "
                    "or if this browser loses its data. Nobody else has it, not even the server."
                }
                match fresh_key() {
                    FreshKey::None | FreshKey::Making => rsx! { p { class: "auth-wait", role: "status", "Making your key…" } },
                    FreshKey::Ready(key) => rsx! {
                        RecoveryKey { recovery_key: key, user_id: account.user_id().to_owned(), onsaved: move |()| saved.set(true) }
                    },
                    FreshKey::Failed(trouble) => rsx! {
                        Notice { tone: Tone::Trouble, text: format!("The key could not be made. {} You can make it later in Settings.", trouble.words()) }
                    },
                }
                if saved() {
                    button { class: "button button-primary button-wide", r#type: "button", onclick: done, "Continue" }
                } else {
                    button { class: "button button-quiet button-wide", r#type: "button", onclick: done, "Skip for now" }
                }
            }
        }
    }
}

/// The pane for later.
#[component]
pub(crate) fn RecoveryPane() -> Element {
    let mut desk = use_context::<Desk>();
    rsx! {
        main { class: "settings", "aria-labelledby": "recovery-title",
            header { class: "pane-head",
                button { class: "icon-button", r#type: "button", "aria-label": "Back to settings", onclick: move |_| desk.go(View::Settings),
                    Icon { shape: Shape::Back }
                }
                h1 { id: "recovery-title", class: "pane-title", "Recovery key" }
            }
            div { class: "settings-body",
                match (desk.protection)() {
                    Protection::Unknown => rsx! { p { role: "status", "Looking at your keys…" } },
                    Protection::Locked => rsx! { Unlock {} },
                    Protection::On => rsx! { Renew { first: false } },
                    Protection::Off => rsx! { Renew { first: true } },
                }
            }
        }
    }
}

#[component]
fn Unlock() -> Element {
    let account = use_context::<Account>();
    let mut key = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    rsx! {
        section { class: "settings-section",
            p { "Enter your recovery key to read messages from before you logged in here." }
            form {
                class: "settings-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    let account = account.clone();
                    async move {
                        busy.set(true);
                        let typed = key.peek().clone();
                        // This form goes as soon as the key fits; the older messages are fetched after that.
                        if let Ok(unlocked) = to_the_end(async move { account.unlock(&typed).await }).await {
                            trouble.set(unlocked.err());
                            busy.set(false);
                        }
                    }
                },
                Field { id: "recovery-key", label: "Recovery key", value: key(), autocomplete: "off", oninput: move |value| key.set(value) }
                if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
                button { class: "button button-primary", r#type: "submit", disabled: busy() || key().trim().is_empty(),
                    if busy() { "Unlocking…" } else { "Unlock" }
                }
            }
            p { class: "settings-hint", "Lost it? Older messages stay locked on this device; new ones work as usual." }
        }
    }
}

#[component]
fn Renew(first: bool) -> Element {
    let account = use_context::<Account>();
    let user_id = account.user_id().to_owned();
    let mut made = use_signal(|| None::<Result<String, Trouble>>);
    let mut busy = use_signal(|| false);
    rsx! {
        section { class: "settings-section",
            if first {
                p { "With a recovery key your encrypted history can be read on a new device. Without one it is lost when you log out." }
            } else {
                p { "Your keys are backed up, encrypted with your recovery key. If you no longer have that key, make a new one; the old one then stops working." }
            }
            match made() {
                Some(Ok(key)) => rsx! {
                    RecoveryKey { recovery_key: key, user_id: user_id.clone(), onsaved: move |()| browser::unstore(KEY_REMINDER) }
                },
                Some(Err(trouble)) => rsx! { Notice { tone: Tone::Trouble, text: trouble.words() } },
                None => rsx! {},
            }
            if !matches!(made(), Some(Ok(_))) {
                button {
                    class: "button button-primary",
                    r#type: "button",
                    disabled: busy(),
                    onclick: move |_| {
                        let account = account.clone();
                        async move {
                            busy.set(true);
                            made.set(Some(account.renew_recovery_key().await));
                            busy.set(false);
                        }
                    },
                    if busy() { "Making your key…" } else { "Make a new key" }
                }
            }
        }
    }
}
