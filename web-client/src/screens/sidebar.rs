//! The left side: search, the chats, and oneself.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::chats::Loading;

use crate::{
    browser,
    client::{Account, Person, Protection},
    components::{
        avatar::Avatar,
        chat_row::ChatRow,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
        person_row::PersonRow,
    },
    screens::workspace::{Desk, View},
    shell::KEY_REMINDER,
};

/// The id of the search field.
pub(crate) const SEARCH_ID: &str = "find-people";
/// How long typing must pause before the server is asked.
const SEARCH_PAUSE_MS: u32 = 200;

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
                    "aria-label": "Find people",
                    placeholder: "Find people",
                    autocomplete: "off",
                    spellcheck: "false",
                    maxlength: 255,
                    value: "{desk.query}",
                    oninput: move |event| desk.query.set(event.value()),
                }
            }
            Reminder {}
            div { class: "sidebar-list",
                if searching { Found {} } else { ChatList {} }
            }
            Me {}
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
        if let Some((text, action)) = text.filter(|_| shown) {
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
    if chats.chats.is_empty() {
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
    rsx! {
        ul { class: "rows", role: "list", "aria-label": "Chats",
            for chat in chats.chats.iter() {
                ChatRow {
                    key: "{chat.id}",
                    chat: chat.clone(),
                    now: (desk.now)(),
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

/// People found for what is typed, after one's own chats that match.
#[component]
fn Found() -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let found = use_resource({
        let account = account.clone();
        move || {
            let account = account.clone();
            let query = (desk.query)();
            async move {
                TimeoutFuture::new(SEARCH_PAUSE_MS).await;
                account.find_people(&query).await
            }
        }
    });
    let pick = use_callback(move |person: Person| {
        desk.query.set(String::new());
        desk.go(View::Opening(person));
    });
    let retry = use_callback(move |()| {
        let mut found = found;
        found.restart();
    });
    rsx! {
        match &*found.read() {
            None => rsx! { p { class: "sidebar-hint", role: "status", "Searching…" } },
            Some(Ok(people)) if people.is_empty() => rsx! {
                div { class: "sidebar-empty", role: "status",
                    p { "Nobody found." }
                    p { "Check the spelling, or enter the full address, like @name:server." }
                }
            },
            Some(Ok(people)) => rsx! { People { people: people.clone(), onpick: pick } },
            Some(Err(trouble)) => rsx! {
                Notice { tone: Tone::Trouble, text: trouble.words(),
                    button { class: "link", r#type: "button", onclick: move |_| retry.call(()), "Try again" }
                }
            },
        }
    }
}

#[component]
fn People(people: Vec<Person>, onpick: EventHandler<Person>) -> Element {
    rsx! {
        h2 { class: "sidebar-heading", "People" }
        ul { class: "rows", role: "list", "aria-label": "People",
            for person in people {
                PersonRow {
                    key: "{person.user_id}",
                    user_id: person.user_id.clone(),
                    name: person.name.clone(),
                    onpick: move |()| onpick.call(person.clone()),
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
