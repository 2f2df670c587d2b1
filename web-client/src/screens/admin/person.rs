//! One account: its row, and what opens below it.

use dioxus::prelude::*;
use hearth_web_state::admin::{Act, Devices, Person};

use super::{
    erasure::ErasureFacts,
    moment::moment,
    parts::{Fact, Failed},
};
use crate::{client::Account, components::avatar::Avatar};

#[component]
pub(super) fn PersonItem(
    person: Person,
    is_open: bool,
    acts: Signal<u32>,
    ontoggle: EventHandler<String>,
    onask: EventHandler<(Act, Person)>,
) -> Element {
    let (name, id) = (person.name().to_owned(), person.user_id.clone());
    let pressed = id.clone();
    rsx! {
        li { class: "admin-item",
            button {
                class: "row",
                r#type: "button",
                "aria-expanded": if is_open { "true" } else { "false" },
                onclick: move |_| ontoggle.call(pressed.clone()),
                Avatar { id: id.clone(), name: name.clone() }
                span { class: "row-text",
                    span { class: "row-name", dir: "auto", "{name}" }
                    span { class: "row-line", "{id}" }
                }
                if let Some(mark) = person.mark() {
                    span { class: "admin-mark", "data-mark": mark, "{mark}" }
                }
            }
            if is_open { Details { person, acts, onask } }
        }
    }
}

#[component]
fn Details(person: Person, acts: Signal<u32>, onask: EventHandler<(Act, Person)>) -> Element {
    let active = person.last_active_ms.map_or_else(|| "Not since the server started".to_owned(), moment);
    rsx! {
        div { class: "admin-details",
            dl { class: "admin-facts",
                Fact { name: "Signed up", value: moment(person.created_at_ms) }
                Fact { name: "Last active", value: active }
                Fact { name: "Devices, files", value: person.belongings() }
            }
            if person.devices > 0 { DeviceList { user_id: person.user_id.clone() } }
            if person.is_deactivated {
                ErasureFacts { person, acts, onask }
            } else {
                Acts { person, onask }
            }
        }
    }
}

#[component]
fn DeviceList(user_id: String) -> Element {
    let account = use_context::<Account>();
    let mut devices = use_resource(move || {
        let (account, user_id) = (account.clone(), user_id.clone());
        async move { account.person(&user_id).await.map(|(_, devices)| devices) }
    });
    match &*devices.read() {
        None => rsx! { p { class: "admin-hint", role: "status", "Loading devices…" } },
        Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| devices.restart() } },
        Some(Ok(Devices { device_list })) => rsx! {
            ul { class: "admin-devices", role: "list", "aria-label": "Devices",
                for device in device_list {
                    li { key: "{device.device_id}",
                        span { dir: "auto", "{device.name()}" }
                        span { class: "admin-hint", "since {moment(device.opened_at_ms)}" }
                    }
                }
            }
        },
    }
}

/// What can be done. An admin is made none before anything else is, which the server asks for too.
#[component]
fn Acts(person: Person, onask: EventHandler<(Act, Person)>) -> Element {
    let account = use_context::<Account>();
    let is_own = account.user_id() == person.user_id;
    let mut acts = vec![Act::ResetLink];
    if person.is_admin {
        acts.push(Act::UnmakeAdmin);
    } else {
        acts.push(Act::MakeAdmin);
        acts.push(if person.is_locked { Act::Unlock } else { Act::Lock });
        acts.push(Act::Deactivate);
    }
    rsx! {
        div { class: "button-line",
            for act in acts {
                button {
                    key: "{label(act)}",
                    class: if act == Act::Deactivate { "button button-leave" } else { "button" },
                    r#type: "button",
                    onclick: {
                        let person = person.clone();
                        move |_| onask.call((act, person.clone()))
                    },
                    "{label(act)}"
                }
            }
        }
        if person.is_admin && !is_own {
            p { class: "admin-hint", "An admin’s account can’t be locked or closed by others. Make them an admin no more first." }
        }
    }
}

const fn label(act: Act) -> &'static str {
    match act {
        Act::ResetLink => "Reset password…",
        Act::Lock => "Lock…",
        Act::Unlock => "Unlock…",
        Act::MakeAdmin => "Make admin…",
        Act::UnmakeAdmin => "Remove as admin…",
        Act::Deactivate => "Deactivate…",
        Act::Erase => "Erase…",
    }
}
