//! Confirming this device: by another one, by the recovery key, or by starting afresh.

use dioxus::prelude::*;
use hearth_web_state::{
    trouble::Trouble,
    verification::{Input, Other},
};

use crate::{
    browser,
    client::Account,
    components::{
        field::{Field, Kind},
        notice::{Notice, Tone},
    },
    screens::verification::Comparing,
    shell::KEY_REMINDER,
    task::to_the_end,
};

/// All ways; the recovery key is one of them only if the account has one.
#[component]
pub(super) fn ConfirmDevice(has_key: bool) -> Element {
    rsx! {
        section { class: "settings-section",
            p { "Until it is confirmed that this device is yours, it can’t read older messages, nobody gives it keys to new ones, and it sends none." }
        }
        OtherDevice {}
        if has_key { Unlock {} }
        Afresh {}
    }
}

#[component]
fn OtherDevice() -> Element {
    let comparing = use_context::<Comparing>();
    rsx! {
        section { class: "settings-section", "aria-labelledby": "confirm-device",
            h2 { id: "confirm-device", "Use another device" }
            p { "Compare seven emoji with a device where you are logged in." }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| comparing.take(Input::Ask(Other::OwnDevices)),
                    "Use another device"
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
        section { class: "settings-section", "aria-labelledby": "confirm-key",
            h2 { id: "confirm-key", "Use your recovery key" }
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
        }
    }
}

/// The last resort: a new identity.
#[component]
fn Afresh() -> Element {
    let account = use_context::<Account>();
    let mut asking = use_signal(|| false);
    let mut password = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    rsx! {
        section { class: "settings-section", "aria-labelledby": "confirm-afresh",
            h2 { id: "confirm-afresh", "Have neither?" }
            p { class: "settings-hint",
                "Start afresh with new keys. Older messages stay locked, the people you talk with see that your keys have changed, and your other devices have to be confirmed again."
            }
            if asking() {
                form {
                    class: "settings-form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        let account = account.clone();
                        async move {
                            busy.set(true);
                            let typed = password.peek().clone();
                            let begun = to_the_end(async move {
                                let begun = account.start_afresh(&typed).await;
                                if begun.is_ok() {
                                    browser::store(KEY_REMINDER, "1");
                                }
                                begun
                            });
                            // This form goes as soon as the device is confirmed.
                            if let Ok(begun) = begun.await {
                                trouble.set(begun.err());
                                busy.set(false);
                            }
                        }
                    },
                    Field { id: "afresh-password", label: "Your password", kind: Kind::Password, value: password(),
                        autocomplete: "current-password", oninput: move |value| password.set(value) }
                    if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
                    div { class: "button-line",
                        button { class: "button button-danger", r#type: "submit", disabled: busy() || password().is_empty(),
                            if busy() { "Starting afresh…" } else { "Start afresh" }
                        }
                        button { class: "button", r#type: "button", onclick: move |_| asking.set(false), "Cancel" }
                    }
                }
            } else {
                div { class: "button-line",
                    button { class: "button", r#type: "button", onclick: move |_| asking.set(true), "Start afresh" }
                }
            }
        }
    }
}
