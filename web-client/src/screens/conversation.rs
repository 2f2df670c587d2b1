//! A chat: who it is with, its log, and where one writes.

mod foot;
mod header;
mod hindered;
mod info;
mod lock;
mod log;
mod outgoing;
mod people;
mod place;
mod quotes;
mod reading;
mod row;
mod top;
mod view;
pub(crate) mod viewer;
mod wishes;
mod with;
mod writing;

use std::rc::Rc;

use dioxus::{prelude::*, web::WebEventExt};
use futures_util::FutureExt;
use hearth_web_state::{
    call,
    chats::{Chat, Part},
    identity::{self, Confirmation},
    trouble::Trouble,
};

use crate::{
    browser::{self, files::of_drop},
    client::Account,
    components::{
        composer::COMPOSER_ID,
        media::Fetch,
        notice::{Notice, Tone},
    },
    screens::{
        call::CallStage,
        verification::Comparing,
        workspace::{Desk, OpenChats},
    },
};

use foot::Foot;
pub(crate) use header::Header;
use log::Log;
use people::use_people;
use reading::use_reading;
use with::With;

/// The pane of the chat with this id.
#[component]
pub(crate) fn ConversationPane(id: String) -> Element {
    let account = use_context::<Account>();
    let (fetching, dropped_by) = (account.clone(), account.clone());
    let desk = use_context::<Desk>();
    let chats = use_context::<OpenChats>();
    let mut attempt = use_signal(|| 0_u32);
    let current = use_memo(use_reactive!(|id| {
        attempt();
        chats.open(&account, &id)
    }));
    let open = current();
    let chat = desk.chats.read().get(&id).cloned();
    let name = chat.as_ref().map_or_else(|| "New chat".to_owned(), |chat| chat.name.clone());
    let hindrance = chat.as_ref().and_then(|chat| desk.chats.read().hindrance(chat));
    let people = use_people(&id);
    let comparing = use_context::<Comparing>();
    let warning = identity::warning(&people.read(), &comparing.doubts.read());
    let may_send =
        (desk.confirmation)() != Confirmation::Unconfirmed && !warning.as_ref().is_some_and(|warning| warning.holds);
    let with = with_whom(&id, &name, chat.as_ref(), hindrance.is_none() && may_send);
    let chats = use_context::<OpenChats>();
    let at_end = use_signal(|| false);
    let line = use_reading(desk, current, at_end);
    use_effect(move || {
        let mut shown = desk.at_end;
        shown.set(at_end());
    });
    use_hook(|| {
        if browser::has_pointer() {
            browser::focus_soon(COMPOSER_ID);
        }
    });
    use_context_provider(move || fetch_by(fetching));
    let mut dropping = use_signal(|| false);
    let takes_files = hindrance.is_none() && may_send;
    let drop_id = id.clone();
    rsx! {
        main {
            class: "conversation",
            "aria-label": "Chat with {name}",
            "data-dropping": if dropping() { "true" },
            // A browser opens what is dropped where nothing takes it, in the place of the whole page.
            ondragover: move |event| {
                event.prevent_default();
                dropping.set(takes_files);
            },
            ondragleave: move |_| dropping.set(false),
            ondrop: move |event| {
                event.prevent_default();
                dropping.set(false);
                if let Some(event) = event.try_as_web_event().filter(|_| takes_files) {
                    outgoing::take_in(desk, dropped_by.clone(), drop_id.clone(), of_drop(&event));
                }
            },
            Header {
                id: with.peer.clone().unwrap_or_else(|| id.clone()),
                name: name.clone(),
                peer: with.peer.clone(),
                call: with.call.clone(),
                safety: with.safety,
                people: people(),
                options: chat.clone(),
            }
            CallStage { id: id.clone() }
            match ((open.opened)(), &chat) {
                (Some(Err(trouble)), _) => rsx! {
                    OpenFailed { trouble, onretry: move |()| { chats.forget(&id); attempt += 1; } }
                },
                (None, _) => rsx! { div { class: "conversation-wait", role: "status", "Opening the chat…" } },
                (Some(Ok(())), _) => rsx! {
                    Log { open, line, at_end, with: with.clone() }
                    Foot { id: id.clone(), name: name.clone(), chat: chat.clone(), open, line, hindrance, warning }
                },
            }
        }
    }
}

/// How the files of this page are fetched.
fn fetch_by(account: Account) -> Fetch {
    Fetch(Rc::new(move |media, mime, bytes| {
        let account = account.clone();
        let report = move |count| {
            let mut bytes = bytes;
            bytes.set(count);
        };
        async move { account.fetch_file(&media, mime, &report).await }.boxed_local()
    }))
}

fn with_whom(id: &str, name: &str, chat: Option<&Chat>, is_free: bool) -> With {
    With {
        id: id.to_owned(),
        name: name.to_owned(),
        peer: chat.and_then(|chat| chat.peer.clone()),
        call: chat.filter(|_| is_free).and_then(whom_to_call),
        safety: chat.map(|chat| chat.safety).unwrap_or_default(),
    }
}

/// Calls are for two who are both in the chat.
fn whom_to_call(chat: &Chat) -> Option<call::Chat> {
    if chat.peer_part != Part::Joined {
        return None;
    }
    Some(call::Chat { room_id: chat.id.clone(), user_id: chat.peer.clone()?, name: chat.name.clone() })
}

#[component]
fn OpenFailed(trouble: Trouble, onretry: EventHandler<()>) -> Element {
    rsx! {
        div { class: "conversation-wait",
            Notice { tone: Tone::Trouble, text: trouble.words(),
                button { class: "link", r#type: "button", onclick: move |_| onretry.call(()), "Try again" }
            }
        }
    }
}
