//! What is done with messages, from the wish to the chat or the page.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::{
    conversation::{Paging, Row, message_by_id},
    message::{Action, ActionKind, Message},
};

use super::{place::reach, view::ChatView};
use crate::{
    browser,
    components::{
        composer::COMPOSER_ID,
        message_row::{Wish, message_id},
    },
    screens::workspace::{Desk, OpenChat, View},
};

/// The dialog that asks before a message is deleted.
pub(super) const DELETE_ID: &str = "delete-message";
/// The dialog that has any emoji to react with.
pub(super) const REACTION_ID: &str = "reaction";
/// How many pages of older messages are looked through for one that is answered.
const MAX_JUMP_PAGES: usize = 50;

/// Carries out wishes in the chat with this id.
pub(super) fn use_wishes(id: String, open: OpenChat, view: ChatView) -> Callback<Wish> {
    let mut desk = use_context::<Desk>();
    use_callback(move |wish: Wish| match wish {
        Wish::Menu(message) => open_menu(view, message),
        Wish::React(message, emoji) => act(open, view, Action::React { key: message.key.clone(), emoji }),
        Wish::Choose(message) => {
            let mut choosing = view.choosing;
            choosing.set(Some(message));
            browser::show_dialog(REACTION_ID);
        }
        Wish::Jump(event_id) => {
            spawn(jump(open, view, event_id));
        }
        Wish::Look(message) => {
            let mut looked_at = view.looked_at;
            looked_at.set(Some(message.key.clone()));
        }
        Wish::Unlock => desk.go(View::Recovery),
        Wish::Do(kind, message) => carry_out(kind, &message, &id, desk, open, view),
    })
}

fn carry_out(kind: ActionKind, message: &Rc<Message>, id: &str, desk: Desk, open: OpenChat, view: ChatView) {
    let mut drafts = desk.drafts;
    let (mut doomed, mut asked_about) = (view.doomed, view.asked_about);
    let key = message.key.clone();
    match kind {
        ActionKind::Reply => {
            if let Some(quote) = message.quote() {
                drafts.write().entry(id.to_owned()).or_default().reply(quote);
                browser::focus_soon(COMPOSER_ID);
            }
        }
        ActionKind::Edit => {
            drafts.write().entry(id.to_owned()).or_default().edit(message);
            browser::focus_soon(COMPOSER_ID);
        }
        ActionKind::Copy => {
            let text = message.content.summary();
            spawn(async move {
                let done = browser::copy(&text).await;
                view.say(if done { "Copied." } else { "This browser doesn’t allow copying." });
            });
        }
        ActionKind::Delete => {
            doomed.set(Some(message.clone()));
            browser::show_dialog(DELETE_ID);
        }
        ActionKind::Info => asked_about.set(Some(message.clone())),
        ActionKind::TryAgain => act(open, view, Action::TryAgain { key }),
        ActionKind::UndoChange => act(open, view, Action::UndoChange { key }),
        ActionKind::Discard => act(open, view, Action::Discard { key }),
        ActionKind::React => open_menu(view, message.clone()),
    }
}

fn open_menu(view: ChatView, message: Rc<Message>) {
    let mut menu = view.menu;
    if !message.actions().is_empty() {
        let (left, top, _) = browser::edges(&message_id(&message.key)).unwrap_or_default();
        menu.set(Some((message, (left, top))));
    }
}

/// Carries out an action; says so when it could not be done.
pub(super) fn act(open: OpenChat, view: ChatView, action: Action) {
    let Some(handle) = open.handle.peek().clone() else { return };
    spawn(async move {
        if let Err(trouble) = handle.act(&action).await {
            view.say(trouble.words());
        }
    });
}

/// Brings the message with this event id into view and marks it, fetching older ones until it is there.
async fn jump(open: OpenChat, view: ChatView, event_id: String) {
    let Some(handle) = open.handle.peek().clone() else { return };
    let key_of = |rows: &[Row]| message_by_id(rows, &event_id).map(|message| message.key.clone());
    for _ in 0..MAX_JUMP_PAGES {
        let found = key_of(&open.rows.peek());
        if let Some(key) = found {
            return show(open, view, &key).await;
        }
        if *open.paging.peek() == Paging::AtStart {
            break;
        }
        match handle.page_back().await {
            Ok(_) => {}
            Err(trouble) => return view.say(trouble.words()),
        }
    }
    view.say("That message can’t be found.");
}

async fn show(open: OpenChat, view: ChatView, key: &str) {
    reach(open, key);
    view.light(key);
    let id = message_id(key);
    // A row that was far away until now is on the page after the next rendering.
    gloo_timers::future::TimeoutFuture::new(30).await;
    browser::focus(&id);
    browser::scroll_to(&id);
}

/// Asks before a message is deleted for everybody.
#[component]
pub(super) fn DeleteDialog(open: OpenChat, view: ChatView) -> Element {
    let mut doomed = view.doomed;
    rsx! {
        dialog { id: DELETE_ID, class: "dialog", "aria-labelledby": "delete-title", "aria-describedby": "delete-text",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "delete-title", "Delete this message?" }
                p { id: "delete-text", "It is deleted for everyone in the chat. That can’t be undone." }
                if let Some(message) = doomed() {
                    p { class: "dialog-quote", dir: "auto", {message.quote().map(|quote| quote.excerpt).unwrap_or_default()} }
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", "Cancel" }
                    button {
                        class: "button button-danger",
                        r#type: "submit",
                        onclick: move |_| {
                            if let Some(message) = doomed.take() {
                                act(open, view, Action::Delete { key: message.key.clone() });
                            }
                        },
                        "Delete for everyone"
                    }
                }
            }
        }
    }
}
