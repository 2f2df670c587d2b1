//! The left side: search, the requests, the chats, and oneself.

mod found;
mod offer;
mod requests;

use dioxus::prelude::*;
use hearth_web_state::chats::{Chat, Loading};

use crate::{
    browser,
    client::{Account, Protection, skeleton},
    components::{
        avatar::Avatar,
        chat_row::ChatRow,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    screens::workspace::{Desk, View},
    shell::KEY_REMINDER,
};
use found::{FOUND_ID, FOUND_ROWS, Found};
use offer::Offer;
use requests::Requests;

pub(crate) use found::SEARCH_ID;

/// The whole sidebar.
#[component]
pub(crate) fn Sidebar() -> Element {
    let mut desk = use_context::<Desk>();
    let searching = !desk.query.read().trim().is_empty();
    rsx! {
        nav { class: "sidebar", "aria-label": "Chats and people",
            header { class: "sidebar-head",
                span { class: "sidebar-brand", Icon { shape: Shape::Flame } "Hearth" }
            }
            div { class: "sidebar-search", role: "search",
                Icon { shape: Shape::Search }
                input {
                    id: SEARCH_ID,
                    class: "sidebar-search-input",
                    r#type: "search",
                    "aria-label": "Find chats and people",
                    placeholder: "Find chats and people",
                    autocomplete: "off",
                    spellcheck: "false",
                    maxlength: 255,
                    value: "{desk.query}",
                    oninput: move |event| desk.query.set(event.value()),
                    // What a key means is what is found for all that was typed, which is not on the page yet.
                    onkeydown: move |event| match event.key() {
                        Key::ArrowDown if !event.modifiers().alt() => {
                            event.prevent_default();
                            browser::after_rendering(|| {
                                browser::focus_among(FOUND_ID, FOUND_ROWS, 1);
                            });
                        }
                        Key::Enter if !event.is_composing() => {
                            browser::after_rendering(|| browser::press_first(FOUND_ID, FOUND_ROWS));
                        }
                        _ => {}
                    },
                }
            }
            Newer {}
            Reminder {}
            div { class: "sidebar-list",
                if searching {
                    Found {}
                } else {
                    Requests {}
                    ChatList {}
                }
            }
            Me {}
        }
    }
}

/// That there is a newer program, which is taken by itself when nobody looks.
#[component]
fn Newer() -> Element {
    let desk = use_context::<Desk>();
    rsx! {
        if (desk.has_newer)() {
            div { class: "sidebar-notice",
                Notice { tone: Tone::Calm, text: "There is a new version of Hearth.",
                    button { class: "link", r#type: "button", onclick: move |_| browser::renew(), "Reload" }
                }
            }
        }
    }
}

/// What should be done about the recovery key, when something should.
#[component]
fn Reminder() -> Element {
    let mut desk = use_context::<Desk>();
    let text = match (desk.protection)() {
        Protection::Locked => Some(("Older messages are locked on this device.", "Unlock")),
        Protection::Off => Some(("Without a recovery key, logging out loses your history.", "Set up")),
        Protection::On if browser::stored(KEY_REMINDER).is_some() => Some(("Your recovery key isn’t saved yet.", "Save it")),
        Protection::On | Protection::Unknown => None,
    };
    let shown = (desk.view)() != View::Recovery;
    rsx! {
        if text.is_none() {
            Offer {}
        } else if let Some((text, action)) = text.filter(|_| shown) {
            div { class: "sidebar-notice",
                Notice { tone: Tone::Calm, text,
                    button { class: "link", r#type: "button", onclick: move |_| desk.go(View::Recovery), "{action}" }
                }
            }
        }
    }
}

#[component]
fn ChatList() -> Element {
    let mut desk = use_context::<Desk>();
    let chats = desk.chats.read();
    let view = (desk.view)();
    let attended = (desk.attended)() && (desk.at_end)();
    let own = use_memo(move || desk.profile.read().as_ref().map(|profile| skeleton(&profile.name)).unwrap_or_default());
    let talks: Vec<&Chat> = chats.talks().collect();
    if talks.is_empty() {
        return match chats.loading {
            Loading::Loading => rsx! { Skeletons {} },
            Loading::Ready => rsx! {
                div { class: "sidebar-empty",
                    p { "No chats yet." }
                    p { "Find somebody above to start one." }
                }
            },
            Loading::Failed(trouble) => rsx! {
                div { class: "sidebar-empty",
                    Notice { tone: Tone::Trouble, text: trouble.words(),
                        button { class: "link", r#type: "button", onclick: move |_| browser::reload(), "Try again" }
                    }
                }
            },
        };
    }
    let own = own.read();
    let doubtful = chats.doubtful(&own);
    rsx! {
        ul { class: "rows", role: "list", "aria-label": "Chats",
            for chat in talks {
                ChatRow {
                    key: "{chat.id}",
                    chat: chat.clone(),
                    now: (desk.now)(),
                    is_doubtful: doubtful.contains(chat.id.as_str()),
                    is_blocked: chats.is_blocked(chat),
                    is_muted: chats.is_muted(chat),
                    open: view == View::Chat(chat.id.clone()),
                    quiet: attended && view == View::Chat(chat.id.clone()),
                    onpick: move |id| desk.go(View::Chat(id)),
                }
            }
        }
    }
}

#[component]
fn Skeletons() -> Element {
    rsx! {
        div { class: "skeletons", role: "status", "aria-label": "Loading chats",
            for row in 0..5 {
                div { key: "{row}", class: "skeleton-row", "aria-hidden": "true",
                    span { class: "skeleton skeleton-avatar" }
                    span { class: "skeleton skeleton-line" }
                }
            }
        }
    }
}

/// Oneself, and the way to the settings.
#[component]
fn Me() -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let id = account.user_id().to_owned();
    let short = id.trim_start_matches('@').split(':').next().unwrap_or_default().to_owned();
    let name = desk.profile.read().as_ref().map_or(short, |profile| profile.name.clone());
    rsx! {
        footer { class: "sidebar-me",
            Avatar { id: id.clone(), name: name.clone(), small: true }
            span { class: "sidebar-me-text",
                span { class: "row-name", "{name}" }
                span { class: "row-line", "{id}" }
            }
            button {
                class: "icon-button",
                r#type: "button",
                "aria-label": "Settings",
                title: "Settings",
                "aria-current": if (desk.view)() == View::Settings { "page" },
                onclick: move |_| desk.go(View::Settings),
                Icon { shape: Shape::Settings }
            }
        }
    }
}
