//! The recovery key: shown once after sign-up, and later the place to make a new one or to enter it.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    client::{Account, NewKey, Protection},
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
                    // One arm: the key made here is shown on when the backup is on because of it.
                    now @ (Protection::On | Protection::Off) => rsx! { Renew { first: now == Protection::Off } },
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

/// Makes a new key. The old one goes on working until the new one is kept safe and that is confirmed.
#[component]
fn Renew(first: bool) -> Element {
    let account = use_context::<Account>();
    let mut made = use_signal(|| None::<NewKey>);
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut busy = use_signal(|| false);
    let make = use_callback(move |()| {
        let account = account.clone();
        busy.set(true);
        trouble.set(None);
        // Two keys for a moment: leaving the pane meanwhile must not leave the wrong one in use.
        let making = to_the_end(async move {
            let new = account.make_recovery_key().await;
            if new.as_ref().is_ok_and(|new| new.is_used) {
                browser::store(KEY_REMINDER, "1");
            }
            new
        });
        spawn(async move {
            match making.await {
                Ok(Ok(new)) => made.set(Some(new)),
                Ok(Err(found)) => trouble.set(Some(found)),
                // The page is going away.
                Err(_) => return,
            }
            busy.set(false);
        });
    });
    rsx! {
        section { class: "settings-section",
            if first {
                p { "With a recovery key your encrypted history can be read on a new device. Without one it is lost when you log out." }
            } else {
                p { "Your keys are backed up, encrypted with your recovery key. If you no longer have that key, make a new one." }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
            if let Some(new) = made() {
                Confirm { new, onused: move |()| made.set(None) }
            } else {
                button { class: "button button-primary", r#type: "button", disabled: busy(), onclick: move |_| make.call(()),
                    if busy() { "Making your key…" } else { "Make a new key" }
                }
            }
        }
    }
}

/// Shows the new key, and lets it take the place of the old one when the person has it.
#[component]
fn Confirm(new: NewKey, onused: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let user_id = account.user_id().to_owned();
    let mut saved = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut done = use_signal(|| None::<Result<(), Trouble>>);
    let key = new.key.clone();
    let words = if new.is_used {
        "This is your recovery key now. Save it before you go on."
    } else {
        "Your old key works until you confirm that you have saved this one."
    };
    let confirm = move |_| {
        let (account, new) = (account.clone(), new.clone());
        busy.set(true);
        let using = to_the_end(async move { account.use_recovery_key(&new).await });
        spawn(async move {
            let Ok(used) = using.await else { return };
            if used.is_ok() {
                browser::unstore(KEY_REMINDER);
            }
            done.set(Some(used));
            busy.set(false);
        });
    };
    if done() == Some(Ok(())) {
        return rsx! {
            p { role: "status", "Your new recovery key is in use. The old one no longer works." }
            button { class: "button", r#type: "button", onclick: move |_| onused.call(()), "Done" }
        };
    }
    rsx! {
        p { "{words}" }
        RecoveryKey { recovery_key: key, user_id, onsaved: move |()| saved.set(true) }
        label { class: "confirm",
            input { r#type: "checkbox", checked: saved(), onchange: move |event| saved.set(event.checked()) }
            "I have saved this key"
        }
        if let Some(Err(found)) = done() { Notice { tone: Tone::Trouble, text: found.words() } }
        div { class: "button-line",
            button { class: "button button-primary", r#type: "button", disabled: busy() || !saved(), onclick: confirm, "Use this key" }
        }
    }
}
