//! Which microphone, camera and loudspeaker to use.

use dioxus::prelude::*;
use hearth_web_state::call::Device;

use super::control::Control;
use crate::{
    browser,
    call::{
        Calls,
        media::{self, Devices},
    },
    components::icon::Shape,
};

const FIRST_ID: &str = "call-microphone";

/// The button and, once it was pressed, what can be chosen: as it is then, so that no list changes under a hand.
#[component]
pub(super) fn DevicesMenu() -> Element {
    let mut open = use_signal(|| false);
    let mut found = use_signal(|| None::<Devices>);
    let toggle = use_callback(move |()| {
        open.toggle();
        found.set(None);
        if open() {
            spawn(async move {
                found.set(Some(media::devices().await));
                browser::focus_soon(FIRST_ID);
            });
        }
    });
    rsx! {
        div {
            class: "call-devices",
            onkeydown: move |event| {
                if open() && event.key() == Key::Escape {
                    // It has done what it should: the page does not leave its settings as well.
                    event.prevent_default();
                    open.set(false);
                }
            },
            Control { name: "Call devices", shape: Shape::Settings, lit: open(), onpress: toggle }
            if open() {
                div { class: "call-devices-back", "aria-hidden": "true", onclick: move |_| open.set(false) }
                div { class: "call-devices-menu", role: "group", "aria-label": "Call devices",
                    match found() {
                        // Not that there are none: it is not known yet.
                        None => rsx! { p { role: "status", "Looking for devices…" } },
                        Some(found) => rsx! {
                            Choice { id: FIRST_ID, label: "Microphone", device: Device::Microphone, among: found.microphones }
                            Choice { id: "call-camera", label: "Camera", device: Device::Camera, among: found.cameras }
                            if !found.speakers.is_empty() {
                                Choice { id: "call-speaker", label: "Speaker", device: Device::Speaker, among: found.speakers }
                            }
                        },
                    }
                }
            }
        }
    }
}

#[component]
fn Choice(id: &'static str, label: &'static str, device: Device, among: Vec<media::Device>) -> Element {
    let calls = use_context::<Calls>();
    let chosen = calls.device(device);
    let is_empty = among.is_empty();
    rsx! {
        label { class: "field-label", r#for: id, "{label}" }
        select {
            id,
            class: "field-input",
            disabled: is_empty,
            onchange: move |event| calls.choose(device, event.value()),
            if is_empty { option { "None found" } }
            for one in among {
                option { key: "{one.id}", value: "{one.id}", selected: chosen.as_deref() == Some(one.id.as_str()), "{one.label}" }
            }
        }
    }
}
