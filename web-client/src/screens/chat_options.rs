//! What can be done about a chat and its person: block, report, leave. A menu in the chat's head, and the questions
//! that come before anything is done.

mod ask;
mod report;

use dioxus::prelude::*;
use hearth_web_state::{chats::Chat, trouble::Trouble};

use crate::{
    browser,
    client::Account,
    components::{
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    later::later,
    screens::workspace::{Desk, View},
    task::to_the_end,
};
use ask::Ask;
pub(crate) use report::{REPORT_ID, ReportDialog};

const BUTTON_ID: &str = "chat-options-button";
const MENU_ID: &str = "chat-options";
const ITEMS: &str = "[role=menuitem]";
const BLOCK_ID: &str = "block-person";
const LEAVE_ID: &str = "leave-chat";

/// The button. What it opens is loaded when it is first pressed, and stays, for the menu leads to dialogs.
#[component]
pub(crate) fn ChatOptions(chat: Chat) -> Element {
    let mut is_open = use_signal(|| false);
    let mut was_opened = use_signal(|| false);
    rsx! {
        div { class: "chat-options",
            button {
                id: BUTTON_ID,
                class: "icon-button",
                r#type: "button",
                "aria-label": "Chat options",
                title: "Chat options",
                "aria-haspopup": "menu",
                "aria-expanded": if is_open() { "true" } else { "false" },
                onclick: move |_| {
                    was_opened.set(true);
                    is_open.toggle();
                },
                Icon { shape: Shape::More }
            }
            if was_opened() { OpenedOptions { chat, is_open } }
        }
    }
}

later! {
    /// The menu and the dialogs that it leads to.
    OpenedOptions(OpenedProps) of more by load_options, Front: Opened
}

#[component]
pub(crate) fn Opened(chat: Chat, is_open: Signal<bool>) -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let name = chat.name.clone();
    let is_blocked = desk.chats.read().is_blocked(&chat);
    let is_muted = desk.chats.read().is_muted(&chat);
    let to_mute = (account.clone(), chat.id.clone());
    let mut trouble = use_signal(|| None::<Trouble>);
    let mute = use_callback(move |muted: bool| {
        let (account, id) = to_mute.clone();
        spawn(async move { trouble.set(account.set_muted(&id, muted).await.err()) });
    });
    let to_block = (account.clone(), chat.peer.clone().unwrap_or_default());
    let to_unblock = to_block.clone();
    let unblock = use_callback(move |()| {
        let (account, user_id) = to_unblock.clone();
        spawn(async move {
            if let Err(trouble) = account.unblock(&user_id).await {
                browser::warn(&format!("unblocking: {trouble:?}"));
            }
        });
    });
    rsx! {
        Menu { is_open, has_person: chat.peer.is_some(), is_blocked, is_muted, onunblock: unblock, onmute: mute }
        if let Some(found) = trouble() {
            div { class: "chat-options-trouble",
                Notice { tone: Tone::Trouble, text: found.words(),
                    button { class: "link", r#type: "button", onclick: move |_| trouble.set(None), "Dismiss" }
                }
            }
        }
        Ask {
            id: BLOCK_ID,
            title: "Block {name}?",
            text: "They can’t write to you, call you or ask you again, on any of your devices. They are not told. You can unblock them in Settings.",
            action: "Block",
            onaction: move |()| {
                let (account, user_id) = to_block.clone();
                to_the_end(async move { account.block(&user_id).await })
            },
        }
        Ask {
            id: LEAVE_ID,
            title: "Leave this chat?",
            text: "It goes from your list on all your devices, and {name} sees that you left. To talk again, one of you has to ask the other.",
            action: "Leave chat",
            onaction: move |()| {
                let (account, id) = (account.clone(), chat.id.clone());
                to_the_end(async move { account.leave(&id).await })
            },
            ondone: move |()| desk.replace(View::Home),
        }
        if let Some(user_id) = chat.peer.clone() { ReportDialog { user_id, name: chat.name.clone() } }
    }
}

#[component]
fn Menu(
    is_open: Signal<bool>,
    has_person: bool,
    is_blocked: bool,
    is_muted: bool,
    onunblock: EventHandler<()>,
    onmute: EventHandler<bool>,
) -> Element {
    let mut close = move |returns: bool| {
        is_open.set(false);
        if returns {
            browser::focus(BUTTON_ID);
        }
    };
    let ask = move |dialog: &'static str| {
        close(true);
        browser::show_dialog(dialog);
    };
    rsx! {
        if is_open() {
            div { class: "chat-options-behind", onclick: move |_| close(true) }
            div {
                id: MENU_ID,
                class: "chat-options-menu",
                role: "menu",
                tabindex: -1,
                "aria-label": "Chat options",
                onkeydown: move |event| {
                    match event.key() {
                        Key::ArrowDown => browser::focus_among(MENU_ID, ITEMS, 1),
                        Key::ArrowUp => browser::focus_among(MENU_ID, ITEMS, -1),
                        Key::Escape => {
                            close(true);
                            true
                        }
                        Key::Tab => return close(false),
                        _ => return,
                    };
                    event.prevent_default();
                },
                if is_muted {
                    Item { icon: Shape::Bell, label: "Unmute", onpick: move |()| { close(true); onmute.call(false); } }
                } else {
                    Item { icon: Shape::BellOff, label: "Mute", onpick: move |()| { close(true); onmute.call(true); } }
                }
                Items { has_person, is_blocked, onask: ask, onunblock: move |()| { close(true); onunblock.call(()); } }
            }
        }
    }
}

/// The first one has the focus as soon as they are there.
#[component]
fn Items(has_person: bool, is_blocked: bool, onask: EventHandler<&'static str>, onunblock: EventHandler<()>) -> Element {
    use_effect(|| {
        browser::focus_among(MENU_ID, ITEMS, 1);
    });
    rsx! {
        if has_person {
            if is_blocked {
                Item { icon: Shape::Block, label: "Unblock", onpick: move |()| onunblock.call(()) }
            } else {
                Item { icon: Shape::Block, label: "Block", onpick: move |()| onask.call(BLOCK_ID) }
            }
            Item { icon: Shape::Flag, label: "Report", onpick: move |()| onask.call(REPORT_ID) }
        }
        Item { icon: Shape::Leave, label: "Leave chat", onpick: move |()| onask.call(LEAVE_ID) }
    }
}

#[component]
fn Item(icon: Shape, label: &'static str, onpick: EventHandler<()>) -> Element {
    rsx! {
        button { class: "menu-item", r#type: "button", role: "menuitem", tabindex: -1, onclick: move |_| onpick.call(()),
            Icon { shape: icon }
            "{label}"
        }
    }
}
