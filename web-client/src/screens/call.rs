//! Calls as people see them: the card that rings, the stage in the chat, and the small window over everything else.
//!
//! What a call is and may do comes from the machine's view; nothing here decides it.

mod control;
mod controls;
mod devices;
mod incoming;
mod small;
mod stage;
mod start;
mod state;
mod video;

use dioxus::prelude::*;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::{CallButton, CallInput, CallRow, CallView, Chat, EndReason, Kind, Phase};

use crate::{
    browser::{self, CallKey},
    call::Calls,
    client::Account,
    components::icon::{Icon, Shape},
    screens::workspace::{Desk, View},
    shell::{FreshKey, Shell},
};
use incoming::IncomingCard;
use small::{EndedNote, SmallCall};
use start::call_or_accept;

pub(crate) use incoming::load_ahead;
pub(crate) use stage::CallStage;

/// An ended call that needs no reading goes away by itself after this.
const ENDED_SHOWN_MS: u32 = 6_000;

/// Opens calls for the account and follows the keys; to be used once, by the workspace.
pub(crate) fn use_calls(account: &Account) -> Calls {
    let calls = use_hook(|| {
        let calls = Calls::new();
        spawn(calls.clone().run(account.clone()));
        spawn(follow_keys(calls.clone()));
        calls
    });
    let context = calls.clone();
    use_context_provider(move || context);
    let closing = calls.clone();
    use_drop(move || closing.close());
    calls
}

async fn follow_keys(calls: Calls) {
    let has_keys = calls.has_keys();
    let mut keys = browser::call_keys(move || has_keys.get());
    while let Some(key) = keys.next().await {
        let Some(view) = calls.view.peek().clone() else { continue };
        match key {
            CallKey::Mute if view.can.mute => calls.step(CallInput::SetMuted(!view.own.muted)),
            CallKey::CameraOff if view.can.camera => calls.step(CallInput::SetCamera(false)),
            CallKey::Accept if view.can.accept => calls.step(CallInput::Accept { video: false }),
            CallKey::HangUp if view.can.decline => calls.step(CallInput::Decline),
            CallKey::HangUp if view.can.hang_up => calls.step(CallInput::HangUp),
            _ => {}
        }
    }
}

/// What of a call is in front of everything: the card that rings, and the small window while its chat is not open.
#[component]
pub(crate) fn CallLayer() -> Element {
    let calls = use_context::<Calls>();
    let desk = use_context::<Desk>();
    let shell = use_context::<Shell>();
    let phase = use_memo({
        let calls = calls.clone();
        move || calls.view.read().as_ref().map(|view| view.phase)
    });
    let closing = calls.clone();
    use_effect(move || {
        if let Some(Phase::Ended(reason)) = phase()
            && passes(reason)
        {
            let calls = closing.clone();
            spawn(async move {
                TimeoutFuture::new(ENDED_SHOWN_MS).await;
                if *phase.peek() == Some(Phase::Ended(reason)) {
                    calls.step(CallInput::Dismiss);
                }
            });
        }
    });
    let Some(view) = calls.view.read().clone() else { return rsx! {} };
    let fresh = (shell.fresh_key)() != FreshKey::None;
    let in_chat = !fresh && (desk.view)() == View::Chat(view.chat.room_id.clone());
    match view.phase {
        Phase::Ringing => rsx! { IncomingCard { view } },
        _ if in_chat => rsx! {},
        Phase::Ended(_) => rsx! { EndedNote { view } },
        _ => rsx! { SmallCall { view } },
    }
}

/// Whether the end of a call needs no reading: somebody pressed a button, and knows.
fn passes(reason: EndReason) -> bool {
    matches!(
        reason,
        EndReason::HungUp
            | EndReason::OtherHungUp
            | EndReason::Cancelled
            | EndReason::OtherCancelled
            | EndReason::Missed
            | EndReason::Declined
            | EndReason::AnsweredElsewhere
            | EndReason::DeclinedElsewhere
    )
}

/// The two buttons that start a call, in the head of a chat. While its person calls, they accept.
#[component]
pub(crate) fn CallButtons(chat: Chat) -> Element {
    rsx! {
        StartButton { chat: chat.clone(), video: false, name: "Start voice call", accepts: "Accept by voice", shape: Shape::Phone }
        StartButton { chat, video: true, name: "Start video call", accepts: "Accept with video", shape: Shape::Video }
    }
}

/// Its name stays while it rings, as what comes of it is the same: somebody who is about to press it is not led astray.
#[component]
fn StartButton(chat: Chat, video: bool, name: &'static str, accepts: &'static str, shape: Shape) -> Element {
    let calls = use_context::<Calls>();
    let desk = use_context::<Desk>();
    let does = calls.button(&chat.user_id);
    let title = does.reason().unwrap_or(if does == CallButton::Accepts { accepts } else { name });
    rsx! {
        button {
            class: "icon-button",
            r#type: "button",
            "aria-label": name,
            title,
            disabled: does.is_off(),
            onclick: move |_| call_or_accept(&calls, desk, chat.clone(), video),
            Icon { shape }
        }
    }
}

/// A call that is over, in the chat's log; one that was missed offers to call back.
#[component]
pub(crate) fn CallRowLine(row: CallRow, chat: Option<Chat>) -> Element {
    let calls = use_context::<Calls>();
    let desk = use_context::<Desk>();
    let with_video = row.kind == Kind::Video;
    let back = chat.filter(|_| row.is_missed()).map(|chat| {
        let is_off = calls.button(&chat.user_id).is_off();
        (chat, is_off)
    });
    let time = browser::local_time(row.at_ms).time();
    let shape = if with_video { Shape::Video } else { Shape::Phone };
    rsx! {
        article { class: if row.is_missed() { "call-row call-row-missed" } else { "call-row" }, "data-role": "call-row",
            span { class: "call-row-mark", Icon { shape } }
            p { class: "call-row-words", "{row.words()}" }
            time { class: "message-time", "{time}" }
            if let Some((chat, is_off)) = back {
                button {
                    class: "link",
                    r#type: "button",
                    disabled: is_off,
                    onclick: move |_| call_or_accept(&calls, desk, chat.clone(), with_video),
                    "Call back"
                }
            }
        }
    }
}

/// The title of the window while it rings here; a tab in the background shows nothing else of it.
pub(crate) fn ringing_title(view: Option<&CallView>) -> Option<String> {
    let view = view.filter(|view| view.phase == Phase::Ringing)?;
    Some(format!("{} · Hearth", view.words()))
}
