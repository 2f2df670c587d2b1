//! What a button does that calls somebody.

use dioxus::prelude::*;
use hearth_web_state::call::Chat;

use super::controls::CONTROLS_ID;
use crate::{
    browser,
    call::Calls,
    screens::workspace::{Desk, View},
};

/// Calls somebody, or accepts their call, which may ring for another chat of the two.
pub(super) fn call_or_accept(calls: &Calls, mut desk: Desk, chat: Chat, video: bool) {
    let user_id = chat.user_id.clone();
    calls.start(chat, video);
    let found = calls.view.peek().as_ref().map(|view| view.chat.clone()).filter(|with| with.user_id == user_id);
    if let Some(with) = found {
        desk.go(View::Chat(with.room_id));
        browser::focus_soon(CONTROLS_ID);
    }
}
