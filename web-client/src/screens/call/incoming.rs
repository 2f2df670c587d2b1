//! The card that rings, in front of everything.

use dioxus::prelude::*;
use hearth_web_state::{
    call::{CallInput, CallView, Kind},
    told::{Telling, call_note, call_tag},
};

use super::{controls::CONTROLS_ID, state::CallState};
use crate::{
    browser,
    call::Calls,
    components::{
        avatar::Avatar,
        composer::COMPOSER_ID,
        icon::{Icon, Shape},
    },
    later::later,
    screens::workspace::{Desk, View},
};

const CARD_ID: &str = "call-incoming";

later! {
    /// Who calls, and the answers to it. It takes the focus only from nothing: somebody who writes goes on writing. The card
    /// itself has it then, not a button: a key that was meant for something else answers no call, and declines none.
    IncomingCard(IncomingProps) of call by load_incoming, Front: Incoming
}

/// Loads what has to be there at once when it rings.
pub(crate) async fn load_ahead() {
    // What cannot be loaded now is tried again when it is shown, and said then.
    let _ = load_incoming().await;
}

#[component]
pub(crate) fn Incoming(view: CallView) -> Element {
    let calls = use_context::<Calls>();
    use_hook(|| {
        browser::close_dialog();
        if !browser::is_focused() {
            browser::focus_soon(CARD_ID);
        }
        if let Some(note) = call_note(&view.words(), &view.chat.room_id, browser::wishes().unwrap_or_default()) {
            browser::carry_out(&Telling::Show(note));
        }
    });
    use_drop(|| browser::carry_out(&Telling::Remove(call_tag().to_owned())));
    let with_video = view.kind == Kind::Video;
    let name = view.chat.name.clone();
    let mut desk = use_context::<Desk>();
    let room_id = view.chat.room_id.clone();
    let press = use_callback(move |input: CallInput| {
        if matches!(input, CallInput::Accept { .. }) {
            desk.go(View::Chat(room_id.clone()));
            browser::focus_soon(CONTROLS_ID);
        }
        if input == CallInput::Decline {
            browser::focus_soon(COMPOSER_ID);
        }
        calls.step(input);
    });
    rsx! {
        div {
            id: CARD_ID,
            class: "call-incoming",
            role: "alertdialog",
            tabindex: -1,
            "aria-label": "Incoming call from {name}",
            span { class: "call-pulse", Avatar { id: view.chat.user_id.clone(), name: name.clone() } }
            div { class: "call-incoming-text",
                p { class: "call-name", dir: "auto", "{name}" }
                p { class: "call-id", "{view.chat.user_id}" }
                CallState { view: view.clone() }
            }
            div { class: "call-answers",
                button {
                    class: "call-button call-button-danger",
                    r#type: "button",
                    "aria-label": "Decline",
                    title: "Decline (Alt+Shift+H)",
                    "aria-keyshortcuts": "Alt+Shift+H",
                    onclick: move |_| press.call(CallInput::Decline),
                    Icon { shape: Shape::Phone }
                }
                button {
                    class: if with_video { "call-button call-button-good" } else { "call-button call-button-good call-button-lesser" },
                    r#type: "button",
                    "aria-label": "Accept with video",
                    title: "Accept with video",
                    disabled: !view.can.accept,
                    onclick: move |_| press.call(CallInput::Accept { video: true }),
                    Icon { shape: Shape::Video }
                }
                button {
                    class: if with_video { "call-button call-button-good call-button-lesser" } else { "call-button call-button-good" },
                    r#type: "button",
                    "aria-label": "Accept",
                    title: "Accept (Alt+Shift+Enter)",
                    "aria-keyshortcuts": "Alt+Shift+Enter",
                    disabled: !view.can.accept,
                    onclick: move |_| press.call(CallInput::Accept { video: false }),
                    Icon { shape: Shape::Phone }
                }
            }
        }
    }
}
