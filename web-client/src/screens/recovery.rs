//! The recovery key: shown once after sign-up, and later the place to make a new one, or to confirm this device by it
//! or by another way.

mod confirm;
mod renew;

use dioxus::prelude::*;
use hearth_web_state::identity::Confirmation;

use crate::{
    browser,
    client::{Account, Protection},
    components::{
        icon::{Icon, Shape},
        notice::{Notice, Tone},
        recovery_key::RecoveryKey,
    },
    later::later,
    screens::workspace::{Desk, View},
    shell::{FreshKey, KEY_REMINDER, Shell},
};
use confirm::ConfirmDevice;
use renew::Renew;

later! {
    /// The screen between sign-up and the first chat.
    FreshKeyScreen(()) of more by load_fresh_key, Pane: |()| NewKey()
}

later! {
    /// The recovery key of who is logged in.
    RecoveryPane(()) of more by load_recovery, Pane: |()| Recovery()
}

#[component]
fn NewKey() -> Element {
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
fn Recovery() -> Element {
    let mut desk = use_context::<Desk>();
    let protection = (desk.protection)();
    let is_confirming = protection == Protection::Locked || (desk.confirmation)() == Confirmation::Unconfirmed;
    rsx! {
        main { class: "settings", "aria-labelledby": "recovery-title",
            header { class: "pane-head",
                button { class: "icon-button", r#type: "button", "aria-label": "Back to settings", onclick: move |_| desk.go(View::Settings),
                    Icon { shape: Shape::Back }
                }
                h1 { id: "recovery-title", class: "pane-title", if is_confirming { "Confirm this device" } else { "Recovery key" } }
            }
            div { class: "settings-body",
                match protection {
                    _ if is_confirming => rsx! { ConfirmDevice { has_key: protection == Protection::Locked } },
                    Protection::Unknown => rsx! { p { role: "status", "Looking at your keys…" } },
                    // One arm: the key made here is shown on when the backup is on because of it.
                    now => rsx! { Renew { first: now == Protection::Off } },
                }
            }
        }
    }
}
