//! A finger on a message: one that rests opens the menu, one that is drawn to the right answers.

use std::rc::Rc;

use dioxus::{core::Task, prelude::*};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    message::{ActionKind, Message},
    swipe::Swipe,
};

use super::wish::Wish;

/// How long a finger rests on a message before its menu opens.
const LONG_PRESS_MS: u32 = 500;

/// What a finger on one message is at.
#[derive(Clone, Copy)]
pub(super) struct Finger {
    press: Signal<Option<Task>>,
    swipe: Signal<Option<Swipe>>,
    onwish: Callback<Wish>,
}

/// The finger of a message whose wishes go to `onwish`.
pub(super) fn use_finger(onwish: Callback<Wish>) -> Finger {
    Finger { press: use_signal(|| None), swipe: use_signal(|| None), onwish }
}

impl Finger {
    /// How the message follows it, once it goes sideways.
    pub(super) fn swipe(self) -> Option<Swipe> {
        (self.swipe)().filter(|swipe| swipe.shift().is_some())
    }

    /// It is laid on the message. A mouse has other ways.
    pub(super) fn down(mut self, event: &PointerEvent, message: Rc<Message>) {
        if event.pointer_type() != "touch" {
            return;
        }
        let at = event.client_coordinates();
        self.swipe.set(message.allows(ActionKind::Reply).then(|| Swipe::begin(at.x, at.y)));
        let press = spawn(async move {
            TimeoutFuture::new(LONG_PRESS_MS).await;
            self.swipe.set(None);
            self.onwish.call(Wish::Menu(message));
        });
        self.press.set(Some(press));
    }

    /// It moves.
    pub(super) fn moved(mut self, event: &PointerEvent) {
        let Some(before) = *self.swipe.peek() else { return };
        let at = event.client_coordinates();
        let now = before.moved(at.x, at.y);
        if !now.rests() {
            self.stop_press();
        }
        if now != before {
            self.swipe.set(Some(now));
        }
    }

    /// It is lifted.
    pub(super) fn up(self, message: &Rc<Message>) {
        let is_enough = self.swipe.peek().is_some_and(Swipe::is_enough);
        self.leave();
        if is_enough {
            self.onwish.call(Wish::Do(ActionKind::Reply, message.clone()));
        }
    }

    /// It is gone, or the browser has taken it to scroll.
    pub(super) fn leave(mut self) {
        self.stop_press();
        if self.swipe.peek().is_some() {
            self.swipe.set(None);
        }
    }

    fn stop_press(mut self) {
        if let Some(task) = self.press.take() {
            task.cancel();
        }
    }
}
