//! The messages of a chat.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::{
    call,
    conversation::{Placed, Row, lay_out, message_by_key},
};

use super::{
    info::About,
    place::{LOG_ID, use_place},
    quotes::use_quotes,
    row::{Around, row},
    top::Top,
    view::ChatView,
    viewer::Viewer,
    wishes::{DeleteDialog, REACTION_ID, use_wishes},
    with::With,
};
use crate::{
    browser,
    call::now_ms,
    client::Account,
    components::{
        emoji_picker::EmojiPicker,
        icon::{Icon, Shape},
        message_menu::MessageMenu,
        message_row::{Wish, message_id},
    },
    screens::workspace::{Desk, OpenChat},
};

/// The scroller with its rows. `at_end` is set to whether the newest message is on the screen.
#[component]
pub(super) fn Log(open: OpenChat, line: Signal<bool>, at_end: Signal<bool>, with: With) -> Element {
    let view = use_context_provider(ChatView::new);
    let onwish = use_wishes(with.id.clone(), open, view);
    let place = use_place(open, line, at_end);
    let trouble = place.trouble;
    rsx! {
        div { class: "log-frame",
            div {
                id: LOG_ID,
                class: "log",
                tabindex: 0,
                "aria-label": "Message history",
                role: "region",
                onscroll: move |_| place.measure.call(()),
                onkeydown: move |event| {
                    let back = event.key() == Key::ArrowUp;
                    let moves = (back || event.key() == Key::ArrowDown) && event.modifiers().is_empty();
                    if moves && browser::focus_next_article(LOG_ID, back) {
                        event.prevent_default();
                    }
                },
                div { class: "log-inner", role: "log", "aria-label": "Messages", "aria-live": "polite",
                    Top { paging: open.paging, trouble: trouble(), with: with.clone(), onretry: place.retry }
                    Rows { open, line, call: with.call, view, onwish }
                }
            }
            if (place.far)() {
                button { class: "log-latest", r#type: "button", onclick: move |_| place.newest.call(()),
                    Icon { shape: Shape::Down }
                    "Jump to latest"
                }
            }
            p { class: "log-word", role: "status", if let Some(word) = (view.word)() { span { "{word}" } } }
        }
        Menu { open, view, onwish }
        DeleteDialog { open, view }
        Picker { view, onwish }
        Viewer { open, view }
        About { open, view }
    }
}

/// The rows on the page, in one list with keys: what arrives moves no row, and takes neither focus nor selection.
#[component]
fn Rows(open: OpenChat, line: Signal<bool>, call: Option<call::Chat>, view: ChatView, onwish: Callback<Wish>) -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let quotes = use_quotes(open);
    let rows = open.rows.read();
    let lit = view.lit.read();
    let quotes = quotes.read();
    let around = Around { with: call.as_ref(), now: (desk.now)(), lit: lit.as_deref(), onwish };
    let fetched = |placed: &Placed<'_>| match placed.row {
        Row::Message { message, .. } => message.reply.as_ref().and_then(|id| quotes.get(id).cloned()),
        _ => None,
    };
    let placed = lay_out(&rows, open.window.read().range(&rows), line(), account.user_id(), now_ms());
    rsx! { {placed.iter().map(|placed| row(placed, fetched(placed), &around))} }
}

#[component]
fn Menu(open: OpenChat, view: ChatView, onwish: Callback<Wish>) -> Element {
    let mut menu = view.menu;
    let Some((message, at)) = menu() else { return rsx! {} };
    // As it is by now: there is more to be done with a message once it is sent.
    let message = message_by_key(&open.rows.read(), &message.key).map_or(message, Rc::clone);
    let id = message_id(&message.key);
    rsx! {
        MessageMenu {
            key: "{id}",
            message,
            at,
            onwish,
            onclose: move |()| {
                menu.set(None);
                browser::focus(&id);
            },
        }
    }
}

/// Any emoji to react with.
#[component]
fn Picker(view: ChatView, onwish: Callback<Wish>) -> Element {
    let mut choosing = view.choosing;
    let mut done = move || choosing.take().inspect(|message| browser::focus(&message_id(&message.key)));
    rsx! {
        EmojiPicker {
            id: REACTION_ID,
            is_open: choosing.read().is_some(),
            onpick: move |emoji: String| {
                if let Some(message) = done() {
                    onwish.call(Wish::React(message, emoji));
                }
            },
            onclose: move |()| drop(done()),
        }
    }
}
