//! A chat: who it is with, its log, and where one writes.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{
    call,
    chats::{Chat, Standing},
    conversation::{self, ConversationChange, Paging, Placed, Row, lay_out},
    trouble::Trouble,
};

use crate::{
    browser,
    call::now_ms,
    client::{Account, OpenConversation},
    components::{
        avatar::Avatar,
        composer::{COMPOSER_ID, Composer},
        icon::{Icon, Shape},
        message_row::MessageRow,
        notice::{Notice, Tone},
    },
    screens::{
        call::{CallButtons, CallRowLine, CallStage},
        workspace::{Desk, OpenChat, OpenChats, View},
    },
};

const LOG_ID: &str = "log";
/// Older messages are fetched when the reader is closer than this to the oldest one shown.
const FETCH_WITHIN_PX: i32 = 600;
/// Further than this from the end, the way back is offered.
const FAR_FROM_END_PX: i32 = 300;

/// The pane of the chat with this id.
#[component]
pub(crate) fn ConversationPane(id: String) -> Element {
    let account = use_context::<Account>();
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
    let peer = chat.as_ref().and_then(|chat| chat.peer.clone());
    let chats = use_context::<OpenChats>();
    let line = use_reading(desk, current);
    use_hook(|| {
        if browser::has_pointer() {
            browser::focus_soon(COMPOSER_ID);
        }
    });
    rsx! {
        main { class: "conversation", "aria-label": "Chat with {name}",
            Header { id: peer.clone().unwrap_or_else(|| id.clone()), name: name.clone(), peer: peer.clone(), call: whom_to_call(chat.as_ref()) }
            CallStage { id: id.clone() }
            match (open.state.read().opened, &chat) {
                (_, Some(chat)) if chat.standing == Standing::Invited => rsx! { Invitation { chat: chat.clone() } },
                (Some(Err(trouble)), _) => rsx! {
                    OpenFailed { trouble, onretry: move |()| { chats.forget(&id); attempt += 1; } }
                },
                (None, _) => rsx! { div { class: "conversation-wait", role: "status", "Opening the chat…" } },
                (Some(Ok(())), _) => rsx! {
                    Log { open, line, name: name.clone(), peer: peer.clone(), call: whom_to_call(chat.as_ref()) }
                    Writing { id: id.clone(), open, line, name: name.clone() }
                },
            }
        }
    }
}

/// Calls are for two who are both in the chat, or are about to be.
fn whom_to_call(chat: Option<&Chat>) -> Option<call::Chat> {
    let chat = chat.filter(|chat| chat.standing == Standing::Joined)?;
    Some(call::Chat { room_id: chat.id.clone(), user_id: chat.peer.clone()?, name: chat.name.clone() })
}

#[component]
pub(crate) fn Header(id: String, name: String, peer: Option<String>, call: Option<call::Chat>) -> Element {
    let mut desk = use_context::<Desk>();
    rsx! {
        header { class: "pane-head",
            button {
                class: "icon-button pane-back",
                r#type: "button",
                "aria-label": "Back to chats",
                onclick: move |_| desk.go(View::Home),
                Icon { shape: Shape::Back }
            }
            Avatar { id, name: name.clone(), small: true }
            div { class: "pane-head-text",
                h1 { class: "pane-title", "{name}" }
                if let Some(peer) = peer { p { class: "pane-subtitle", "{peer}" } }
            }
            if let Some(chat) = call { CallButtons { chat } }
            span { class: "pane-lock", title: "Only the two of you can read this chat", role: "img", "aria-label": "End-to-end encrypted",
                Icon { shape: Shape::Lock }
            }
        }
    }
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

#[component]
fn Invitation(chat: Chat) -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let answer = move |accept: bool| {
        let account = account.clone();
        let id = chat.id.clone();
        spawn(async move {
            let done = if accept { account.accept(&id).await } else { account.leave(&id).await };
            match done {
                Ok(()) if accept => {}
                Ok(()) => desk.go(View::Home),
                Err(found) => trouble.set(Some(found)),
            }
        });
    };
    let decline = answer.clone();
    rsx! {
        div { class: "conversation-wait",
            p { "{chat.name} wants to talk with you." }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| answer(true), "Accept" }
                button { class: "button", r#type: "button", onclick: move |_| decline(false), "Decline" }
            }
        }
    }
}

#[component]
fn Log(open: OpenChat, line: Signal<bool>, name: String, peer: Option<String>, call: Option<call::Chat>) -> Element {
    let account = use_context::<Account>();
    let mut far = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let fetch = use_callback(move |()| {
        let at_start = open.state.peek().paging == Paging::AtStart;
        let Some(handle) = open.handle.peek().clone() else { return };
        if at_start || busy() {
            return;
        }
        busy.set(true);
        let mut state = open.state;
        spawn(async move {
            match handle.page_back().await {
                // Not left to the timeline to tell, which may be on its way out: asking on would then never end.
                Ok(true) => conversation::fold(&mut state.write(), ConversationChange::Paging(Paging::AtStart)),
                Ok(false) => {}
                Err(found) => trouble.set(Some(found)),
            }
            busy.set(false);
        });
    });
    // After every change: a log that does not fill its pane fetches on, until it does or the beginning is there.
    use_effect(move || {
        let _ = (open.state.read().rows.len(), busy());
        if trouble.peek().is_none() && browser::scroll_room(LOG_ID).is_some_and(|(above, _)| above < FETCH_WITHIN_PX) {
            fetch.call(());
        }
    });
    let state = open.state.read();
    let placed = lay_out(&state.rows, line(), account.user_id(), now_ms());
    rsx! {
        div { class: "log-frame",
            div {
                id: LOG_ID,
                class: "log",
                tabindex: 0,
                "aria-label": "Message history",
                role: "region",
                onscroll: move |_| {
                    if let Some((above, below)) = browser::scroll_room(LOG_ID) {
                        if far() != (below > FAR_FROM_END_PX) {
                            far.toggle();
                        }
                        if above < FETCH_WITHIN_PX && trouble.peek().is_none() {
                            fetch.call(());
                        }
                    }
                },
                div { class: "log-inner", role: "log", "aria-label": "Messages", "aria-live": "polite",
                    Top { paging: state.paging, trouble: trouble(), name: name.clone(), peer: peer.clone(), onretry: move |()| { trouble.set(None); fetch.call(()); } }
                    for item in placed { {row(&item, open, call.as_ref())} }
                }
            }
            if far() {
                button { class: "log-latest", r#type: "button", onclick: move |_| browser::scroll_to_end(LOG_ID),
                    Icon { shape: Shape::Down }
                    "Jump to latest"
                }
            }
        }
    }
}

/// What stands above the oldest message: the beginning, loading, or why older ones did not come.
#[component]
fn Top(paging: Paging, trouble: Option<Trouble>, name: String, peer: Option<String>, onretry: EventHandler<()>) -> Element {
    if let Some(trouble) = trouble {
        return rsx! {
            div { class: "log-top",
                Notice { tone: Tone::Trouble, text: format!("Older messages didn’t load. {}", trouble.words()),
                    button { class: "link", r#type: "button", onclick: move |_| onretry.call(()), "Try again" }
                }
            }
        };
    }
    match paging {
        Paging::AtStart => rsx! {
            div { class: "log-start",
                Avatar { id: peer.unwrap_or_else(|| name.clone()), name: name.clone() }
                h2 { "{name}" }
                p { "This is the beginning of your chat with {name}." }
                p { class: "log-lock", Icon { shape: Shape::Lock } "Messages are end-to-end encrypted. Not even the server can read them." }
            }
        },
        Paging::Loading => rsx! { p { class: "log-top", role: "status", "Loading older messages…" } },
        Paging::Idle | Paging::Failed(_) => rsx! { div { class: "log-top" } },
    }
}

fn row(item: &Placed<'_>, open: OpenChat, with: Option<&call::Chat>) -> Element {
    match item.row {
        Row::Message(message) => rsx! {
            MessageRow {
                key: "{message.key}",
                message: (**message).clone(),
                heads_group: item.heads_group,
                mark: item.mark,
                onretry: move |key: String| act(open, move |handle| async move { handle.retry(&key).await }),
                ondiscard: move |key: String| act(open, move |handle| async move { handle.discard(&key).await }),
            }
        },
        Row::Day { key, at_ms } => {
            let heading = browser::local_time(*at_ms).day_heading(browser::now());
            rsx! { div { key: "{key}", class: "day", role: "separator", "aria-label": "{heading}", span { "{heading}" } } }
        }
        Row::Unread { key } => {
            rsx! { div { key: "{key}", class: "day day-unread", role: "separator", "aria-label": "New messages", span { "New" } } }
        }
        Row::Note { key, text, .. } => rsx! { p { key: "{key}", class: "note", "{text}" } },
        Row::Call { key, .. } => match &item.call {
            Some(call) => rsx! { CallRowLine { key: "{key}", row: call.clone(), chat: with.cloned() } },
            None => rsx! { span { key: "{key}", hidden: true } },
        },
        // Keyed like its neighbours: a list must not mix rows with and without a key.
        Row::Start { key } => rsx! { span { key: "{key}", hidden: true } },
        Row::Hidden { .. } => rsx! { span { key: "{\"hidden\"}", hidden: true } },
    }
}

fn act<F: Future<Output = ()> + 'static>(open: OpenChat, what: impl FnOnce(OpenConversation) -> F) {
    let handle = open.handle.peek().clone();
    if let Some(handle) = handle {
        spawn(what(handle));
    }
}

/// Who types, the composer, and why a message could not be taken.
#[component]
fn Writing(id: String, open: OpenChat, line: Signal<bool>, name: String) -> Element {
    let mut line = line;
    let desk = use_context::<Desk>();
    let mut drafts = desk.drafts;
    let mut trouble = use_signal(|| None::<Trouble>);
    let draft = drafts.read().get(&id).cloned().unwrap_or_default();
    let typing = open.state.read().typing_words();
    let id_of_draft = id.clone();
    rsx! {
        div { class: "writing",
            if let Some(found) = trouble() {
                Notice { tone: Tone::Trouble, text: found.words(),
                    button { class: "link", r#type: "button", onclick: move |_| trouble.set(None), "Dismiss" }
                }
            }
            Composer {
                to: name,
                draft,
                ondraft: move |text| { drafts.write().insert(id_of_draft.clone(), text); },
                onsend: move |text: String| {
                    let Some(handle) = open.handle.peek().clone() else { return };
                    drafts.write().remove(&id);
                    trouble.set(None);
                    line.set(false);
                    browser::scroll_to_end(LOG_ID);
                    let id = id.clone();
                    spawn(async move {
                        if let Err(found) = handle.send(&text).await {
                            // What was written must not be lost with the failure.
                            drafts.write().entry(id).or_insert(text);
                            trouble.set(Some(found));
                        }
                    });
                },
                ontype: move |typing| act(open, move |handle| async move { handle.type_notice(typing).await }),
            }
            p { class: "typing", role: "status", if let Some(words) = typing { "{words}" } }
        }
    }
}

/// Tells the other person what was read while the page is looked at, and returns whether the line above what is new is
/// shown: it appears for what came while nobody looked, and stays until one writes or leaves.
fn use_reading(desk: Desk, open: Memo<OpenChat>) -> Signal<bool> {
    let mut line = use_signal(|| false);
    let opened = use_memo(move || open().state.read().opened == Some(Ok(())));
    let latest = use_memo(move || open().state.read().latest_key().map(ToOwned::to_owned));
    use_effect(move || {
        if (desk.attended)() && opened() {
            line.set(open.peek().state.peek().has_line());
        }
    });
    use_effect(move || {
        let handle = open().handle.read().clone();
        if latest().is_some()
            && (desk.attended)()
            && let Some(handle) = handle
        {
            spawn(async move {
                handle.mark_read().await;
                if !*line.peek() {
                    handle.move_line().await;
                }
            });
        }
    });
    use_drop(move || {
        let handle = open.peek().handle.peek().clone();
        if let Some(handle) = handle {
            spawn_forever(async move { handle.move_line().await });
        }
    });
    line
}
