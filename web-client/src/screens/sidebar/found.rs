//! What is found for the words typed: one's own chats at once, then people whom the server knows.

use std::collections::HashSet;

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::chats::Chat;

use crate::{
    browser,
    client::{Account, Person},
    components::{
        chat_row::ChatRow,
        notice::{Notice, Tone},
        person_row::PersonRow,
    },
    screens::workspace::{Desk, View},
};

/// The id of the search field.
pub(crate) const SEARCH_ID: &str = "find";
/// What the search field leads to, by arrow keys and Enter.
pub(super) const FOUND_ID: &str = "found";
pub(super) const FOUND_ROWS: &str = "button.row";

/// How long typing must pause before the server is asked.
const SEARCH_PAUSE_MS: u32 = 200;
/// The most chats shown for one search.
const MAX_FOUND_CHATS: usize = 20;

/// Arrow keys move among all that was found and back to the field; Escape leads back there too.
#[component]
pub(super) fn Found() -> Element {
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
    let matches: Vec<Chat> = desk.chats.read().matching(&desk.query.read()).take(MAX_FOUND_CHATS).cloned().collect();
    let shown: HashSet<String> = matches.iter().filter_map(|chat| chat.peer.clone()).collect();
    let has_matches = !matches.is_empty();
    rsx! {
        div {
            id: FOUND_ID,
            onkeydown: move |event| {
                let step = match event.key() {
                    Key::ArrowDown => 1,
                    Key::ArrowUp => -1,
                    Key::Escape => return browser::focus(SEARCH_ID),
                    _ => return,
                };
                if event.modifiers().alt() {
                    return;
                }
                event.prevent_default();
                if !browser::focus_among(FOUND_ID, FOUND_ROWS, step) && step < 0 {
                    browser::focus(SEARCH_ID);
                }
            },
            if has_matches {
                h2 { class: "sidebar-heading", "Chats" }
                ul { class: "rows", role: "list", "aria-label": "Chats",
                    for chat in matches {
                        ChatRow {
                            key: "{chat.id}",
                            is_doubtful: true,
                            is_blocked: desk.chats.read().is_blocked(&chat),
                            chat,
                            now: (desk.now)(),
                            open: false,
                            quiet: false,
                            onpick: move |id| {
                                desk.query.set(String::new());
                                desk.go(View::Chat(id));
                            },
                        }
                    }
                }
            }
            Strangers { found, shown, has_matches }
        }
    }
}

/// People whom the server knows, without those whose chats are `shown` already.
#[component]
fn Strangers(
    found: Resource<Result<Vec<Person>, hearth_web_state::trouble::Trouble>>,
    shown: HashSet<String>,
    has_matches: bool,
) -> Element {
    let mut found = found;
    let mut desk = use_context::<Desk>();
    let answer = found.read();
    match &*answer {
        None => rsx! { p { class: "sidebar-hint", role: "status", "Searching…" } },
        Some(Ok(people)) => {
            let people: Vec<Person> = people.iter().filter(|person| !shown.contains(&person.user_id)).cloned().collect();
            if people.is_empty() {
                return rsx! {
                    if !has_matches {
                        div { class: "sidebar-empty", role: "status",
                            p { "Nobody found." }
                            p { "Check the spelling, or enter the full address, like @name:server." }
                        }
                    }
                };
            }
            rsx! {
                h2 { class: "sidebar-heading", "People" }
                ul { class: "rows", role: "list", "aria-label": "People",
                    for person in people {
                        PersonRow {
                            key: "{person.user_id}",
                            user_id: person.user_id.clone(),
                            name: person.name.clone(),
                            onpick: move |()| {
                                desk.query.set(String::new());
                                desk.go(View::Opening(person.clone()));
                            },
                        }
                    }
                }
            }
        }
        Some(Err(trouble)) => rsx! {
            Notice { tone: Tone::Trouble, text: format!("Other people couldn’t be looked up. {}", trouble.words()),
                button { class: "link", r#type: "button", onclick: move |_| found.restart(), "Try again" }
            }
        },
    }
}
