//! A call in its chat: the pictures, how it stands, and all its buttons.

use dioxus::prelude::*;
use futures_util::StreamExt;
use hearth_web_state::call::{CallInput, CallView, Phase, Switch};

use super::{
    control::Control,
    controls::Controls,
    start::call_or_accept,
    state::{CallState, CallTime},
    video::{Source, Video},
};
use crate::{
    browser,
    call::Calls,
    client::Account,
    components::{
        avatar::Avatar,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    later::later,
    screens::workspace::Desk,
};

const STAGE_ID: &str = "call-stage";

/// The call of the chat with this id, if there is one that does not ring.
#[component]
pub(crate) fn CallStage(id: String) -> Element {
    let calls = use_context::<Calls>();
    let view = calls.view.read().clone().filter(|view| view.chat.room_id == id && view.phase != Phase::Ringing);
    match view {
        None => rsx! {},
        Some(view) if view.is_live() => rsx! { LiveCall { view } },
        Some(view) => rsx! { OverCall { view } },
    }
}

later! {
    /// A call in its chat.
    LiveCall(LiveProps) of call by load_live_call, Pane: Live
}

later! {
    /// A call that is over, in its chat.
    OverCall(OverProps) of call by load_over_call, Pane: Over
}

#[component]
pub(crate) fn Live(view: CallView) -> Element {
    let mut is_full = use_signal(|| false);
    use_future(move || async move {
        let (_listening, mut changes) = browser::full_screen_changes();
        while changes.next().await.is_some() {
            is_full.set(browser::is_full_screen());
        }
    });
    let name = view.chat.name.clone();
    let layout = if view.remote.screen_stream_id.is_some() {
        "screen"
    } else if view.remote.camera_on || matches!(view.own.camera, Switch::On(_)) {
        "video"
    } else {
        "voice"
    };
    rsx! {
        section {
            id: STAGE_ID,
            class: "call-stage",
            "data-layout": layout,
            "aria-label": "Call with {name}",
            Scene { view: view.clone() }
            if let Some(notice) = view.notice {
                div { class: "call-notice", Notice { tone: Tone::Trouble, text: notice.words() } }
            }
            div { class: "call-foot",
                p { class: "call-line",
                    CallState { view: view.clone() }
                    if let Some(since_ms) = view.connected_since_ms { CallTime { since_ms } }
                    if let Some(words) = view.quality.words() { span { class: "call-quality", role: "status", "{words}" } }
                }
                Controls { view, full: true,
                    Control {
                        name: if is_full() { "Leave full screen" } else { "Full screen" },
                        shape: if is_full() { Shape::Shrink } else { Shape::Expand },
                        onpress: move |()| browser::toggle_full_screen(STAGE_ID),
                    }
                }
            }
        }
    }
}

/// The pictures, or the avatars in their place.
#[component]
fn Scene(view: CallView) -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let name = view.chat.name.clone();
    let own_id = account.user_id().to_owned();
    let own_name = desk.profile.read().as_ref().map_or_else(|| own_id.clone(), |profile| profile.name.clone());
    let remote_camera = view.remote.user_stream_id.clone().filter(|_| view.remote.camera_on);
    let screen = view.remote.screen_stream_id.clone();
    let has_picture = screen.is_some() || remote_camera.is_some();
    rsx! {
        div { class: "call-scene",
            if let Some(id) = screen.clone() {
                Video { source: Source::Remote(id), role: "remote-screen", label: "{name}’s screen" }
            }
            if let Some(id) = remote_camera.clone() {
                div { class: if screen.is_some() { "call-corner call-corner-remote" } else { "call-whole" },
                    Video { source: Source::Remote(id), role: "remote-video", label: "{name}’s camera" }
                }
            }
            if !has_picture {
                div { class: "call-people",
                    span { class: if view.connected_since_ms.is_none() { "call-pulse" } else { "call-still" },
                        Avatar { id: view.chat.user_id.clone(), name: name.clone() }
                        if view.remote.muted { span { class: "call-badge", role: "img", "aria-label": "{name} is muted", Icon { shape: Shape::MicOff } } }
                    }
                    if view.own.camera == Switch::Off {
                        span { class: "call-still",
                            Avatar { id: own_id, name: own_name }
                            if view.own.muted { span { class: "call-badge", role: "img", "aria-label": "You are muted", Icon { shape: Shape::MicOff } } }
                        }
                    }
                }
            }
            if let Switch::On(media) = view.own.camera {
                div { class: "call-corner call-corner-own",
                    Video { source: Source::Own(media), role: "own-video", label: "Your camera", mirrored: true }
                }
            }
            if let Switch::On(media) = view.own.sharing {
                div { class: "call-corner call-corner-screen",
                    Video { source: Source::Own(media), role: "own-screen", label: "Your screen" }
                    span { class: "call-corner-text", "You’re sharing your screen" }
                }
            }
        }
    }
}

/// What is left of a call that has ended, until it is put away.
#[component]
pub(crate) fn Over(view: CallView) -> Element {
    let calls = use_context::<Calls>();
    let desk = use_context::<Desk>();
    let again = (calls.clone(), view.chat.clone());
    rsx! {
        section { class: "call-over", "aria-label": "Ended call with {view.chat.name}",
            span { class: "call-over-mark", Icon { shape: Shape::Phone } }
            CallState { view: view.clone() }
            button { class: "button", r#type: "button", onclick: move |_| call_or_accept(&again.0, desk, again.1.clone(), false), "Call again" }
            button {
                class: "icon-button",
                r#type: "button",
                "aria-label": "Dismiss",
                title: "Dismiss",
                disabled: !view.can.dismiss,
                onclick: move |_| calls.step(CallInput::Dismiss),
                Icon { shape: Shape::Close }
            }
        }
    }
}
