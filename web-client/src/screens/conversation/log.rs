//! The messages of a chat: what is fetched, and where the reader stands in it.

use dioxus::prelude::*;
use hearth_web_state::{
    call,
    conversation::{self, ConversationChange, Paging, lay_out},
    trouble::Trouble,
};

use super::row::row;
use crate::{
    browser,
    call::now_ms,
    client::Account,
    components::{
        avatar::Avatar,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    screens::workspace::OpenChat,
};

/// The id of the scroller.
pub(super) const LOG_ID: &str = "log";
/// Older messages are fetched when the reader is closer than this to the oldest one shown.
const FETCH_WITHIN_PX: i32 = 600;
/// Further than this from the end, the way back is offered.
const FAR_FROM_END_PX: i32 = 300;

/// The scroller with all rows.
#[component]
pub(super) fn Log(
    open: OpenChat,
    line: Signal<bool>,
    name: String,
    peer: Option<String>,
    call: Option<call::Chat>,
) -> Element {
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
