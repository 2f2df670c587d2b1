//! Tells who does not look at the page what happens in the chats.

use std::{cell::RefCell, rc::Rc};

use dioxus::prelude::*;
use hearth_web_state::told::{Now, Told};
use js_sys::Date;

use super::{Desk, View};
use crate::browser;

/// What was told so far. Cloning shares it.
#[derive(Clone, Default)]
pub(super) struct Teller(Rc<RefCell<Told>>);

impl Teller {
    /// Tells what is new, and takes back what is old.
    pub(super) fn step(&self, desk: Desk) {
        let view = desk.view.peek();
        let now = Now {
            is_attended: *desk.attended.peek(),
            open: if let View::Chat(id) = &*view { Some(id) } else { None },
            wishes: desk.wishes.peek().unwrap_or_default(),
            at_ms: Date::now() as u64,
        };
        for telling in self.0.borrow_mut().step(&desk.chats.peek(), now) {
            browser::carry_out(&telling);
        }
    }
}

/// Follows all that decides what is told.
pub(super) fn use_teller(desk: Desk) -> Teller {
    let teller = use_hook(Teller::default);
    let stepped = teller.clone();
    use_effect(move || {
        // What is read here is what it is stepped again for.
        let _ = ((desk.attended)(), (desk.wishes)(), desk.view.read(), desk.chats.read());
        stepped.step(desk);
    });
    teller
}
