//! The devices of the account.

use dioxus::prelude::*;
use hearth_web_state::{
    identity::Confirmation,
    trouble::Trouble,
    verification::{Input, Other, Verification},
};

use crate::{
    browser,
    client::{Account, DeviceLine},
    components::{
        field::{Field, Kind},
        notice::{Notice, Tone},
    },
    screens::{
        verification::Comparing,
        workspace::{Desk, View},
    },
};

/// The devices that are logged in, which of them are confirmed, and what can be done about the others.
#[component]
pub(super) fn DeviceSection() -> Element {
    let account = use_context::<Account>();
    let comparing = use_context::<Comparing>();
    let desk = use_context::<Desk>();
    let is_done = use_memo(move || comparing.now.read().as_ref().is_some_and(Verification::is_over));
    let mut devices = use_resource(move || {
        let account = account.clone();
        // A comparison that has ended may have confirmed one.
        let (_, _) = (is_done(), (desk.confirmation)());
        async move { account.devices().await }
    });
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-devices",
            h2 { id: "settings-devices", "Devices" }
            match &*devices.read() {
                None => rsx! { p { class: "settings-hint", role: "status", "Loading devices…" } },
                Some(Err(trouble)) => rsx! {
                    Notice { tone: Tone::Trouble, text: trouble.words(),
                        button { class: "link", r#type: "button", onclick: move |_| devices.restart(), "Try again" }
                    }
                },
                Some(Ok(lines)) => rsx! {
                    ul { class: "devices", role: "list", "aria-label": "Devices",
                        for line in lines.iter() {
                            Device { key: "{line.id}", line: line.clone(), onremoved: move |()| devices.restart() }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Device(line: DeviceLine, onremoved: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut asking = use_signal(|| false);
    let mut password = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let seen = line.seen_ms.map(|at_ms| browser::local_time(at_ms).short(browser::now()));
    let id = line.id.clone();
    rsx! {
        li { class: "device",
            div { class: "settings-line",
                div { class: "device-text",
                    p { class: "row-name", "{line.name}" }
                    p { class: "row-line",
                        if line.is_this { "This device" } else if let Some(seen) = seen { "Last seen {seen}" } else { "{line.id}" }
                        match line.is_confirmed {
                            Some(true) => " · Confirmed",
                            Some(false) => " · Not confirmed, gets no keys",
                            None => " · Without encryption",
                        }
                    }
                }
                if line.is_confirmed == Some(false) { ConfirmButton { line: line.clone() } }
                if !line.is_this && !asking() {
                    button { class: "button", r#type: "button", "aria-label": "Remove {line.name}", onclick: move |_| asking.set(true), "Remove" }
                }
            }
            if asking() {
                form {
                    class: "settings-form",
                    onsubmit: move |event| {
                        event.prevent_default();
                        let account = account.clone();
                        let id = id.clone();
                        async move {
                            busy.set(true);
                            match account.remove_device(&id, &password.peek().clone()).await {
                                Ok(()) => onremoved.call(()),
                                Err(found) => trouble.set(Some(found)),
                            }
                            busy.set(false);
                        }
                    },
                    Field { id: "device-password-{line.id}", label: "Your password", kind: Kind::Password, value: password(),
                        autocomplete: "current-password", oninput: move |value| password.set(value) }
                    if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
                    div { class: "button-line",
                        button { class: "button button-danger", r#type: "submit", disabled: busy() || password().is_empty(), "Log this device out" }
                        button { class: "button", r#type: "button", onclick: move |_| asking.set(false), "Cancel" }
                    }
                }
            }
        }
    }
}

/// Confirms another device by comparing emoji with it; this one by the ways that there are for that.
#[component]
fn ConfirmButton(line: DeviceLine) -> Element {
    let mut desk = use_context::<Desk>();
    let comparing = use_context::<Comparing>();
    let is_able = (desk.confirmation)() == Confirmation::Confirmed;
    if !line.is_this && !is_able {
        return rsx! {};
    }
    let name = line.name.clone();
    let confirm = move |_| {
        if line.is_this {
            desk.go(View::Recovery);
        } else {
            comparing.take(Input::Ask(Other::OwnDevice { id: line.id.clone(), name: line.name.clone() }));
        }
    };
    rsx! { button { class: "button", r#type: "button", "aria-label": "Confirm {name}", onclick: confirm, "Confirm" } }
}
