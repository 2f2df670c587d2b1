//! One message as it stands in the log: who and when, what it answers, what it says, what it is made of it.

mod body;
mod file;
mod reactions;
mod toolbar;
mod wish;

use std::rc::Rc;

use dioxus::{core::Task, prelude::*};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::Mark,
    gesture::Finger,
    message::{ActionKind, Message, Quote, Warning},
};

use super::{
    avatar::Avatar,
    icon::{Icon, Shape},
};
use crate::browser;
use body::MessageBody;
use reactions::Reactions;
use toolbar::Toolbar;
pub(crate) use wish::Wish;

/// How long a finger rests on a message before its menu opens.
const LONG_PRESS_MS: u32 = 500;

/// The element id of the message with this row key.
pub(crate) fn message_id(key: &str) -> String {
    format!("message-{key}")
}

/// A message that heads its group shows who and when; the others only what. `quote` is what it answers, if that is
/// known; `lit` marks the one that was jumped to.
#[component]
pub(crate) fn MessageRow(
    message: Rc<Message>,
    heads_group: bool,
    mark: Option<Mark>,
    quote: Option<Quote>,
    lit: bool,
    onwish: Callback<Wish>,
) -> Element {
    let time = browser::local_time(message.at_ms).time();
    let mut pointed = use_signal(|| false);
    let mut focused = use_signal(|| false);
    let mut press = use_signal(|| None::<Task>);
    let mut release = move || {
        if let Some(task) = press.take() {
            task.cancel();
        }
    };
    let mut pull = use_signal(|| 0.0);
    let mut down = use_hook(|| CopyValue::new(None::<(f64, f64)>));
    let id = message_id(&message.key);
    let own_id = id.clone();
    let for_press = message.clone();
    let for_pull = message.clone();
    let for_key = message.clone();
    rsx! {
        article {
            id,
            class: class_of(&message, heads_group, mark, lit),
            tabindex: -1,
            "data-own": if message.own { "true" },
            "data-pulled": if pull() > 0.0 { "true" },
            transform: if pull() > 0.0 { "translateX({pull}px)" },
            onmouseenter: move |_| pointed.set(true),
            onmouseleave: move |_| pointed.set(false),
            onfocusin: move |_| focused.set(true),
            onfocusout: move |_| focused.set(false),
            onpointerdown: move |event| {
                if event.pointer_type() == "touch" {
                    let message = for_press.clone();
                    down.set(Some(place_of(&event)));
                    press.set(Some(spawn(async move {
                        TimeoutFuture::new(LONG_PRESS_MS).await;
                        onwish.call(Wish::Menu(message));
                    })));
                }
            },
            onpointermove: move |event| {
                let Some((left, top)) = *down.peek() else { return };
                let (x, y) = place_of(&event);
                let finger = Finger::at(x - left, y - top);
                if finger != Finger::Rests {
                    release();
                }
                let px = if let Finger::Pulls(px) = finger { px } else { 0.0 };
                if (px - *pull.peek()).abs() >= 1.0 {
                    pull.set(px);
                }
            },
            onpointerup: move |_| {
                release();
                let pulled = let_go(down, pull);
                if Finger::Pulls(pulled).answers() && for_pull.allows(ActionKind::Reply) {
                    onwish.call(Wish::Do(ActionKind::Reply, for_pull.clone()));
                }
            },
            onpointercancel: move |_| {
                release();
                let_go(down, pull);
            },
            onkeydown: move |event| {
                let opens = matches!(event.key(), Key::Enter | Key::ContextMenu);
                if opens && browser::has_focus(&own_id) {
                    event.prevent_default();
                    onwish.call(Wish::Menu(for_key.clone()));
                }
            },
            if heads_group {
                Avatar { id: message.sender.clone(), name: message.sender_name.clone() }
            } else {
                span { class: "message-hover-time", "aria-hidden": "true", "{time}" }
            }
            div { class: "message-main",
                if heads_group {
                    p { class: "message-who",
                        bdi { class: "message-name", "{message.sender_name}" }
                        time { class: "message-time", "{time}" }
                    }
                } else {
                    span { class: "sr-only", bdi { "{message.sender_name}" } ", {time}: " }
                }
                Context { message: message.clone(), heads_group, quote, onwish }
                MessageBody { message: message.clone(), onwish }
                if !message.reactions.is_empty() { Reactions { message: message.clone(), onwish } }
                if let Some(mark) = mark { MarkLine { mark, message: message.clone(), onwish } }
            }
            if pointed() || focused() { Toolbar { message: message.clone(), onwish } }
        }
    }
}

/// Where in the window, in pixels.
fn place_of(event: &PointerEvent) -> (f64, f64) {
    let place = event.client_coordinates();
    (place.x, place.y)
}

/// Puts the message back; how far it was pulled, in pixels.
fn let_go(mut down: CopyValue<Option<(f64, f64)>>, mut pull: Signal<f64>) -> f64 {
    down.set(None);
    let pulled = *pull.peek();
    if pulled > 0.0 {
        pull.set(0.0);
    }
    pulled
}

fn class_of(message: &Message, heads_group: bool, mark: Option<Mark>, lit: bool) -> String {
    let classes = [
        (true, "message"),
        (heads_group, "message-head"),
        (mark == Some(Mark::Sending), "message-sending"),
        (message.trust.warning() == Some(Warning::Block), "message-doubtful"),
        (lit, "message-lit"),
    ];
    let on: Vec<&str> = classes.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect();
    on.join(" ")
}

/// What stands above the text: a warning, the thread, the message that is answered.
#[component]
fn Context(message: Rc<Message>, heads_group: bool, quote: Option<Quote>, onwish: Callback<Wish>) -> Element {
    let warning = message.trust.warning();
    let said = warning.is_some_and(|warning| warning != Warning::Note || heads_group);
    let words = message.trust.words(&message.sender_name).filter(|_| said);
    let reply = message.reply.clone();
    let thread = message.thread.clone().filter(|root| reply.as_ref() != Some(root));
    rsx! {
        if let Some(words) = words {
            p { class: if warning == Some(Warning::Note) { "message-warning message-warning-quiet" } else { "message-warning" }, role: "note",
                Icon { shape: Shape::Warning }
                span { dir: "auto", "{words}" }
            }
        }
        if let Some(root) = thread {
            button { class: "link message-thread", r#type: "button", onclick: move |_| onwish.call(Wish::Jump(root.clone())), "In a thread" }
        }
        if let Some(id) = reply {
            button { class: "message-quote", r#type: "button", onclick: move |_| onwish.call(Wish::Jump(id.clone())),
                span { class: "sr-only", "In reply to " }
                if let Some(quote) = quote {
                    bdi { class: "message-quote-name", "{quote.sender_name}" }
                    " "
                    bdi { class: "message-quote-text", "{quote.excerpt}" }
                } else {
                    span { class: "message-quote-text", "an earlier message" }
                }
            }
        }
    }
}

#[component]
fn MarkLine(mark: Mark, message: Rc<Message>, onwish: Callback<Wish>) -> Element {
    let button = |words: &'static str, kind: ActionKind| {
        let message = message.clone();
        rsx! {
            button { class: "link", r#type: "button", onclick: move |_| onwish.call(Wish::Do(kind, message.clone())), "{words}" }
        }
    };
    let failed = |words: &'static str, give_up: Element| {
        rsx! {
            p { class: "message-mark message-failed", role: "alert",
                Icon { shape: Shape::Warning }
                "{words} "
                {button("Try again", ActionKind::TryAgain)}
                {give_up}
            }
        }
    };
    match mark {
        Mark::Sending => rsx! { p { class: "message-mark", "Sending…" } },
        Mark::Sent => rsx! { p { class: "message-mark", "Sent" } },
        Mark::Seen => rsx! { p { class: "message-mark", "Seen" } },
        Mark::Waiting => rsx! {
            p { class: "message-mark", role: "status", "Waiting for the connection… " {button("Delete", ActionKind::Discard)} }
        },
        Mark::ChangeWaiting => rsx! {
            p { class: "message-mark", role: "status", "Your change waits for the connection… " {button("Undo change", ActionKind::UndoChange)} }
        },
        Mark::Failed => failed("Not sent.", button("Delete", ActionKind::Discard)),
        Mark::ChangeFailed => failed("Your change was not sent.", button("Undo change", ActionKind::UndoChange)),
    }
}
