//! A call while something else is read: a small window that can be moved, and a note when it ends.

use dioxus::prelude::*;
use hearth_web_state::call::{CallInput, CallView};

use super::{
    controls::Controls,
    state::{CallState, CallTime},
    video::{Source, Video},
};
use crate::{
    browser,
    call::Calls,
    components::{
        avatar::Avatar,
        icon::{Icon, Shape},
    },
    later::later,
    screens::workspace::{Desk, View},
};

const WINDOW_ID: &str = "call-small";
/// How far an arrow key moves the window.
const STEP_PX: f64 = 32.0;

later! {
    /// The small window. It is moved by dragging its head, or by the arrow keys on its handle.
    SmallCall(SmallProps) of call by load_small, Front: Small
}

later! {
    /// A call that is over, outside its chat.
    EndedNote(EndedProps) of call by load_ended, Front: Ended
}

#[component]
pub(crate) fn Small(view: CallView) -> Element {
    // How far it was moved from its corner, rightward and downward, and where it is held.
    let mut moved = use_signal(|| (0.0_f64, 0.0_f64));
    let mut held = use_signal(|| None::<(f64, f64)>);
    let name = view.chat.name.clone();
    let (x, y) = moved();
    rsx! {
        section {
            id: WINDOW_ID,
            class: "call-small",
            "aria-label": "Call with {name}",
            transform: "translate({x}px, {y}px)",
            onpointermove: move |event| {
                if let Some((from_x, from_y)) = *held.peek() {
                    let at = event.client_coordinates();
                    let now = *moved.peek();
                    moved.set(browser::kept_inside(WINDOW_ID, now, (at.x - from_x, at.y - from_y)));
                }
            },
            onpointerup: move |_| held.set(None),
            onpointercancel: move |_| held.set(None),
            div {
                class: "call-small-head",
                onpointerdown: move |event| {
                    let at = event.client_coordinates();
                    held.set(Some((at.x - moved.peek().0, at.y - moved.peek().1)));
                    browser::capture_pointer(WINDOW_ID, event.pointer_id());
                },
                button {
                    class: "call-grip",
                    r#type: "button",
                    "aria-label": "Move call window",
                    title: "Drag, or use the arrow keys",
                    onkeydown: move |event| {
                        let by = match event.key() {
                            Key::ArrowLeft => (-STEP_PX, 0.0),
                            Key::ArrowRight => (STEP_PX, 0.0),
                            Key::ArrowUp => (0.0, -STEP_PX),
                            Key::ArrowDown => (0.0, STEP_PX),
                            _ => return,
                        };
                        event.prevent_default();
                        let (x, y) = *moved.peek();
                        moved.set(browser::kept_inside(WINDOW_ID, (x, y), (x + by.0, y + by.1)));
                    },
                    Icon { shape: Shape::Grip }
                }
                div { class: "call-small-text",
                    p { class: "call-name", "{name}" }
                    p { class: "call-line",
                        CallState { view: view.clone() }
                        if let Some(since_ms) = view.connected_since_ms { CallTime { since_ms } }
                    }
                }
            }
            Scene { view: view.clone() }
            Controls { view, full: false }
        }
    }
}

/// The picture, which leads back to the call's chat.
#[component]
fn Scene(view: CallView) -> Element {
    let mut desk = use_context::<Desk>();
    let name = view.chat.name.clone();
    let room_id = view.chat.room_id.clone();
    let camera = view.remote.user_stream_id.clone().filter(|_| view.remote.camera_on);
    let screen = view.remote.screen_stream_id.clone();
    let picture = screen.map(|id| (id, "remote-screen")).or_else(|| camera.map(|id| (id, "remote-video")));
    rsx! {
        button {
            class: "call-small-scene",
            r#type: "button",
            "aria-label": "Back to the call",
            title: "Back to the call",
            onclick: move |_| desk.go(View::Chat(room_id.clone())),
            if let Some((id, role)) = picture {
                Video { source: Source::Remote(id), role, label: "{name}" }
            } else {
                Avatar { id: view.chat.user_id.clone(), name: name.clone() }
            }
        }
    }
}

/// Says why a call has ended while its chat is not open.
#[component]
pub(crate) fn Ended(view: CallView) -> Element {
    let calls = use_context::<Calls>();
    rsx! {
        div { class: "call-small call-ended",
            Avatar { id: view.chat.user_id.clone(), name: view.chat.name.clone(), small: true }
            CallState { view: view.clone() }
            button {
                class: "icon-button",
                r#type: "button",
                "aria-label": "Dismiss",
                title: "Dismiss",
                onclick: move |_| calls.step(CallInput::Dismiss),
                Icon { shape: Shape::Close }
            }
        }
    }
}
