//! What happens around the program, as far as it is the same in every tab.

use dioxus::prelude::*;

use super::{Desk, View};
use crate::{
    browser::{self, PageEvent},
    components::composer::COMPOSER_ID,
    screens::sidebar::SEARCH_ID,
};

/// Takes in what happened.
pub(super) fn take_in(mut desk: Desk, event: PageEvent) {
    match event {
        PageEvent::FindPeople => {
            if *desk.view.peek() != View::Home && browser::is_narrow() {
                desk.go(View::Home);
            }
            browser::focus_soon(SEARCH_ID);
        }
        PageEvent::Escape => desk.escape(),
        PageEvent::PreviousChat => step(desk, -1),
        PageEvent::NextChat => step(desk, 1),
        PageEvent::Attention => desk.attended.set(browser::is_attended()),
        PageEvent::Moved(view) => desk.view.set(View::parse(&view)),
        PageEvent::NotePressed(id) => {
            let is_known = desk.chats.peek().get(&id).is_some();
            if is_known {
                desk.go(View::Chat(id));
            }
        }
        PageEvent::NewVersion => desk.has_newer.set(true),
        PageEvent::Offline | PageEvent::Online | PageEvent::SessionChanged => {}
    }
}

fn step(mut desk: Desk, by: isize) {
    let next = {
        let view = desk.view.peek();
        let open = if let View::Chat(id) = &*view { Some(id.as_str()) } else { None };
        desk.chats.peek().neighbour(open, by).map(|chat| chat.id.clone())
    };
    if let Some(id) = next {
        desk.go(View::Chat(id));
        browser::focus_soon(COMPOSER_ID);
    }
}
