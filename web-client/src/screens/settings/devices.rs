//! The devices of the account.

use dioxus::prelude::*;
use hearth_web_state::{
    identity::Confirmation,
    verification::{Input, Other, Verification},
};

use super::{
    arrival::{Part, use_arrival},
    proof::{Proof, use_going},
};
use crate::{
    browser,
    client::{Account, DeviceLine},
    components::{
        field::Field,
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
    use_arrival(Part::Devices, move || devices.read().is_some());
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
                            Device { key: "{line.id}", line: line.clone(), onchanged: move |()| devices.restart() }
                        }
                    }
                    if lines.iter().any(|line| !line.is_this) {
                        Others {
                            ids: lines.iter().filter(|line| !line.is_this).map(|line| line.id.clone()).collect::<Vec<_>>(),
                            onchanged: move |()| devices.restart(),
                        }
                    }
                },
            }
        }
    }
}

/// What is being done about a device.
#[derive(Clone, Copy, PartialEq)]
enum Doing {
    Nothing,
    Renaming,
    Removing,
}

#[component]
fn Device(line: DeviceLine, onchanged: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut doing = use_signal(|| Doing::Nothing);
    let going = use_going();
    let seen = line.seen_ms.map(|at_ms| browser::local_time(at_ms).short(browser::now()));
    let id = line.id.clone();
    let remove = move |password: String| {
        let (account, id) = (account.clone(), id.clone());
        spawn(async move {
            if going.run(account.remove_devices(&[id], &password)).await {
                onchanged.call(());
            }
        });
    };
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
                if doing() == Doing::Nothing {
                    button { class: "button", r#type: "button", "aria-label": "Rename {line.name}", onclick: move |_| doing.set(Doing::Renaming), "Rename" }
                    if !line.is_this {
                        button { class: "button", r#type: "button", "aria-label": "Remove {line.name}", onclick: move |_| doing.set(Doing::Removing), "Remove" }
                    }
                }
            }
            match doing() {
                Doing::Nothing => rsx! {},
                Doing::Renaming => rsx! {
                    Renaming { line, ondone: move |is_new| {
                        doing.set(Doing::Nothing);
                        if is_new {
                            onchanged.call(());
                        }
                    } }
                },
                Doing::Removing => rsx! {
                    Proof { id: "device-password-{line.id}", action: "Log this device out", is_dangerous: true, going, onprove: remove,
                        oncancel: move |()| doing.set(Doing::Nothing) }
                },
            }
        }
    }
}

/// `ondone` gets whether there is a new name.
#[component]
fn Renaming(line: DeviceLine, ondone: EventHandler<bool>) -> Element {
    let account = use_context::<Account>();
    let first = line.name.clone();
    let mut name = use_signal(move || first);
    let going = use_going();
    let id = line.id.clone();
    let rename = move |event: FormEvent| {
        event.prevent_default();
        let (account, id) = (account.clone(), id.clone());
        spawn(async move {
            let new = name.peek().trim().to_owned();
            if going.run(account.rename_device(&id, &new)).await {
                ondone.call(true);
            }
        });
    };
    rsx! {
        form { class: "settings-form", onsubmit: rename,
            Field { id: "device-name-{line.id}", label: "Name of this device", value: name(), max_len: 100, autocomplete: "off",
                hint: "People you write to can see it.", oninput: move |value| name.set(value) }
            if let Some(found) = (going.trouble)() { Notice { tone: Tone::Trouble, text: found.words() } }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "submit", disabled: (going.busy)() || name.read().trim().is_empty(), "Save" }
                button { class: "button", r#type: "button", onclick: move |_| ondone.call(false), "Cancel" }
            }
        }
    }
}

/// Logs out all but this device.
#[component]
fn Others(ids: Vec<String>, onchanged: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut asking = use_signal(|| false);
    let going = use_going();
    let remove = move |password: String| {
        let (account, ids) = (account.clone(), ids.clone());
        spawn(async move {
            if going.run(account.remove_devices(&ids, &password)).await {
                asking.set(false);
                onchanged.call(());
            }
        });
    };
    rsx! {
        if asking() {
            Proof { id: "other-devices-password", action: "Log them all out", is_dangerous: true, going, onprove: remove, oncancel: move |()| asking.set(false),
                p { class: "settings-hint", "Every device but this one is logged out and gets nothing new. What it has of your chats stays on it until somebody removes it there." }
            }
        } else {
            button { class: "button", r#type: "button", onclick: move |_| asking.set(true), "Log out all other devices" }
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
