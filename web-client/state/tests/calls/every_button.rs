//! Every button that there is at a moment, pressed on a copy of the machine.

use hearth_web_state::call::{CallButton, CallInput, CallState, CallView, Chat, Switch};

pub(crate) fn chat_with(user_id: &str) -> Chat {
    let room_id = if user_id == "@carol" { "!carol" } else { "!room" };
    Chat { room_id: room_id.into(), user_id: user_id.into(), name: user_id.into() }
}

pub(crate) fn start(chat: Chat, video: bool) -> CallInput {
    CallInput::Start { call_id: "new".into(), chat, video }
}

/// Every button of somebody who has a chat with `other`, and whether it can be pressed while this is shown.
fn buttons(view: Option<&CallView>, other: &str, can_connect: bool) -> Vec<(CallInput, bool)> {
    let can = view.map(|view| view.can).unwrap_or_default();
    let own = view.map(|view| view.own).unwrap_or_default();
    let calls = |user_id: &str| !CallButton::of(view, user_id, can_connect).is_off();
    let mut buttons = vec![
        (CallInput::Accept { video: false }, can.accept),
        (CallInput::Accept { video: true }, can.accept),
        (CallInput::SetMuted(!own.muted), can.mute),
        (CallInput::SetCamera(own.camera == Switch::Off), can.camera),
        (CallInput::SetSharing(own.sharing == Switch::Off), can.share),
        (CallInput::Dismiss, can.dismiss),
    ];
    for user_id in [other, "@carol"] {
        buttons.extend([false, true].map(|video| (start(chat_with(user_id), video), calls(user_id))));
    }
    // Each of the two takes the other's place, so whichever has no button then does what the other does.
    buttons.push(if can.decline { (CallInput::Decline, true) } else { (CallInput::HangUp, can.hang_up) });
    buttons
}

/// Presses every button on a copy of the machine.
pub(crate) fn check(machine: &CallState, now_ms: u64, other: &str, can_connect: bool) {
    let before = machine.view();
    // A call that waits for what may have ended it is shown to nobody, and neither are its buttons.
    let is_hidden = before.is_none() && machine.deadline_ms().is_some();
    for (button, is_on) in buttons(before.as_ref(), other, can_connect) {
        let mut copy = machine.clone();
        let effects = copy.step(now_ms, button.clone());
        let does_something = !effects.is_empty() || copy.view() != before;
        if is_on || !is_hidden {
            assert_eq!(does_something, is_on, "{button:?} in {:?}", before.map(|view| view.phase));
        }
    }
}
