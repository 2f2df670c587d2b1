//! The row of buttons of a call.

use dioxus::prelude::*;
use hearth_web_state::call::{CallInput, CallView, Switch};

use super::{control::Control, devices::DevicesMenu};
use crate::{
    browser,
    call::{Calls, media},
    components::{
        composer::COMPOSER_ID,
        icon::{Icon, Shape},
    },
};

/// The group of buttons, for moving the focus to it.
pub(super) const CONTROLS_ID: &str = "call-controls";

/// Mute, camera and hang up; with `full` also sharing and devices.
#[component]
pub(super) fn Controls(view: CallView, full: bool, children: Element) -> Element {
    let calls = use_context::<Calls>();
    let press = use_callback(move |input: CallInput| calls.step(input));
    let can_share = use_hook(media::can_share_screen);
    let own = view.own;
    let camera_on = own.camera != Switch::Off;
    let shares = own.sharing != Switch::Off;
    rsx! {
        div { id: CONTROLS_ID, class: "call-controls", role: "group", tabindex: -1, "aria-label": "Call controls",
            Control {
                name: if own.muted { "Unmute microphone" } else { "Mute microphone" },
                keys: "Alt+Shift+M",
                shape: if own.muted { Shape::MicOff } else { Shape::Mic },
                off: own.muted,
                disabled: !view.can.mute,
                onpress: move |()| press.call(CallInput::SetMuted(!own.muted)),
            }
            Control {
                name: if camera_on { "Turn camera off" } else { "Turn camera on" },
                keys: camera_on.then_some("Alt+Shift+V"),
                shape: if camera_on { Shape::Video } else { Shape::VideoOff },
                busy: own.camera == Switch::Starting,
                disabled: !view.can.camera,
                onpress: move |()| press.call(CallInput::SetCamera(!camera_on)),
            }
            if full && can_share {
                Control {
                    name: if shares { "Stop sharing" } else { "Share screen" },
                    shape: if shares { Shape::ShareOff } else { Shape::Share },
                    lit: shares,
                    busy: own.sharing == Switch::Starting,
                    disabled: !view.can.share,
                    onpress: move |()| press.call(CallInput::SetSharing(!shares)),
                }
            }
            if full { DevicesMenu {} }
            {children}
            button {
                class: "call-button call-button-danger",
                r#type: "button",
                "aria-label": "Hang up",
                title: "Hang up (Alt+Shift+H)",
                "aria-keyshortcuts": "Alt+Shift+H",
                disabled: !view.can.hang_up,
                onclick: move |_| {
                    press.call(CallInput::HangUp);
                    browser::focus_soon(COMPOSER_ID);
                },
                Icon { shape: Shape::Phone }
            }
        }
    }
}
