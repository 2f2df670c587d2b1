//! How a chat is being looked at: what is marked, which menu is open, what was just said about it.

use std::rc::Rc;

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::message::Message;

/// How long a message that was jumped to stays marked, and how long a word about what was done stands.
const SHOWN_MS: u32 = 2_500;

/// A message whose menu is open, and how far from the left and the top of the window it is, in pixels.
pub(crate) type OpenMenu = (Rc<Message>, (f64, f64));

/// Shared by the parts of a chat's pane. Copying shares it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct ChatView {
    /// The menu that is open.
    pub(crate) menu: Signal<Option<OpenMenu>>,
    /// The message that is to be deleted, if that is confirmed.
    pub(crate) doomed: Signal<Option<Rc<Message>>>,
    /// The message to react to with an emoji that is being chosen.
    pub(crate) choosing: Signal<Option<Rc<Message>>>,
    /// The key of the message that was jumped to.
    pub(crate) lit: Signal<Option<String>>,
    /// The key of the message whose picture is looked at.
    pub(crate) looked_at: Signal<Option<String>>,
    /// The message that is asked about.
    pub(crate) asked_about: Signal<Option<Rc<Message>>>,
    /// What was just done, or why not.
    pub(crate) word: Signal<Option<String>>,
}

impl ChatView {
    /// Nothing is open or marked.
    pub(crate) fn new() -> Self {
        Self {
            menu: Signal::new(None),
            doomed: Signal::new(None),
            choosing: Signal::new(None),
            lit: Signal::new(None),
            looked_at: Signal::new(None),
            asked_about: Signal::new(None),
            word: Signal::new(None),
        }
    }

    /// Says something for a moment.
    pub(crate) fn say(self, text: impl Into<String>) {
        show_for_a_moment(self.word, text.into());
    }

    /// Marks a message for a moment.
    pub(crate) fn light(self, key: &str) {
        show_for_a_moment(self.lit, key.to_owned());
    }
}

fn show_for_a_moment(mut signal: Signal<Option<String>>, value: String) {
    signal.set(Some(value.clone()));
    spawn(async move {
        TimeoutFuture::new(SHOWN_MS).await;
        if signal.peek().as_ref() == Some(&value) {
            signal.set(None);
        }
    });
}
