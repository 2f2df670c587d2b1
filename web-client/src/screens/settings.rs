//! Settings: one's name, the look, the recovery key, the addresses, the devices, the blocked, and the way out.

mod account;
mod arrival;
mod blocked;
mod devices;
mod emails;
mod log_out;
mod notes;
mod proof;
mod server;

use dioxus::prelude::*;
use hearth_web_state::{theme::Theme, trouble::Trouble};

use crate::{
    browser,
    client::{Account, Profile, Protection},
    components::{
        avatar::Avatar,
        field::Field,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    later::later,
    screens::workspace::{Desk, View},
    shell::KEY_REMINDER,
};
use account::AccountSection;
use arrival::{Part, use_arrival, use_arrivals};
use blocked::BlockedSection;
use devices::DeviceSection;
use emails::EmailSection;
use log_out::LogOutSection;
use notes::NoteSection;
use server::ServerSection;

later! {
    /// The whole pane.
    SettingsPane(()) of more by load_settings, Pane: |()| Settings()
}

#[component]
fn Settings() -> Element {
    let mut desk = use_context::<Desk>();
    let is_shown = use_arrivals();
    rsx! {
        main { class: "settings", "aria-labelledby": "settings-title", "aria-busy": if !is_shown() { "true" },
            header { class: "pane-head",
                button { class: "icon-button", r#type: "button", "aria-label": "Back to chats", onclick: move |_| desk.go(View::Home),
                    Icon { shape: Shape::Back }
                }
                h1 { id: "settings-title", class: "pane-title", "Settings" }
            }
            if !is_shown() {
                p { class: "settings-wait", role: "status", "Loading your settings…" }
            }
            div { class: if is_shown() { "settings-body" } else { "settings-body settings-coming" },
                ProfileSection {}
                LookSection {}
                NoteSection {}
                KeySection {}
                EmailSection {}
                StorageSection {}
                DeviceSection {}
                BlockedSection {}
                ServerSection {}
                AccountSection {}
                LogOutSection {}
            }
        }
    }
}

#[component]
fn ProfileSection() -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let mut profile = desk.profile;
    let mut edited = use_signal(|| None::<String>);
    let mut busy = use_signal(|| false);
    let mut said = use_signal(|| None::<Result<(), Trouble>>);
    let now = profile.read().as_ref().map(|profile| profile.name.clone()).unwrap_or_default();
    let value = edited().unwrap_or_else(|| now.clone());
    let changed = edited().is_some_and(|name| name.trim() != now && !name.trim().is_empty());
    let id = account.user_id().to_owned();
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-profile",
            h2 { id: "settings-profile", "Profile" }
            div { class: "settings-profile",
                Avatar { id: id.clone(), name: now.clone() }
                div { class: "settings-profile-text",
                    p { class: "row-name", "{now}" }
                    p { class: "row-line", "{id}" }
                }
            }
            form {
                class: "settings-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    let account = account.clone();
                    async move {
                        let Some(name) = edited.peek().clone() else { return };
                        busy.set(true);
                        let done = account.set_name(&name).await;
                        if done.is_ok() {
                            profile.set(Some(Profile { name: name.trim().to_owned() }));
                            edited.set(None);
                        }
                        said.set(Some(done));
                        busy.set(false);
                    }
                },
                Field { id: "settings-name", label: "Display name", value, max_len: 100, autocomplete: "name",
                    oninput: move |value| { edited.set(Some(value)); said.set(None); } }
                div { class: "button-line",
                    button { class: "button", r#type: "submit", disabled: busy() || !changed, if busy() { "Saving…" } else { "Save name" } }
                    match said() {
                        Some(Ok(())) => rsx! { span { class: "settings-hint", role: "status", "Saved." } },
                        Some(Err(trouble)) => rsx! { Notice { tone: Tone::Trouble, text: trouble.words() } },
                        None => rsx! {},
                    }
                }
            }
        }
    }
}

#[component]
fn LookSection() -> Element {
    let mut theme = use_signal(browser::theme);
    rsx! {
        section { class: "settings-section",
            fieldset { class: "choices",
                legend { "Appearance" }
                for choice in Theme::ALL {
                    label { key: "{choice.as_str()}", class: "choice",
                        input {
                            r#type: "radio",
                            name: "theme",
                            value: choice.as_str(),
                            checked: theme() == choice,
                            onchange: move |_| {
                                theme.set(choice);
                                browser::set_theme(choice);
                            },
                        }
                        span { "{choice.label()}" }
                    }
                }
            }
        }
    }
}

/// Whether the browser may throw away what is kept on this device.
#[component]
fn StorageSection() -> Element {
    let mut is_safe = use_signal(|| None::<bool>);
    let mut is_refused = use_signal(|| false);
    use_future(move || async move {
        // Without HTTPS a browser promises nothing, and cannot be asked.
        if browser::is_secure() {
            is_safe.set(Some(browser::is_persistent().await));
        }
    });
    use_arrival(Part::Storage, move || is_safe().is_some() || !browser::is_secure());
    let words = match is_safe() {
        None => return rsx! {},
        Some(true) => "The browser keeps your chats even when this device runs out of space.",
        Some(false) => "The browser may clear your chats when this device runs out of space.",
    };
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-storage",
            h2 { id: "settings-storage", "Storage" }
            div { class: "settings-line",
                p { "{words}" }
                if is_safe() == Some(false) {
                    button {
                        class: "button",
                        r#type: "button",
                        onclick: move |_| async move {
                            let granted = browser::ask_for_persistence().await;
                            is_safe.set(Some(granted));
                            is_refused.set(!granted);
                        },
                        "Keep them"
                    }
                }
            }
            if is_refused() {
                Notice { tone: Tone::Calm, text: "The browser didn’t agree. Installing the app or bookmarking the page may help." }
            }
        }
    }
}

#[component]
fn KeySection() -> Element {
    let mut desk = use_context::<Desk>();
    let (words, action) = match (desk.protection)() {
        Protection::Unknown => ("Looking at your keys…", "Open"),
        Protection::On if browser::stored(KEY_REMINDER).is_some() => {
            ("Your history is backed up, but you haven’t saved the key to it.", "Save it")
        }
        Protection::On => ("Your encrypted history is backed up.", "Change"),
        Protection::Off => ("Your history is not backed up. Logging out loses it.", "Set up"),
        Protection::Locked => ("Older messages are locked on this device.", "Unlock"),
    };
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-key",
            h2 { id: "settings-key", "Recovery key" }
            div { class: "settings-line",
                p { "{words}" }
                button { class: "button", r#type: "button", onclick: move |_| desk.go(View::Recovery), "{action}" }
            }
        }
    }
}
