//! The messages of a chat: what is fetched, and where the reader stands in it.

use dioxus::prelude::*;
use hearth_web_state::{
    call,
    conversation::{ConversationChange, Paging, Placed, Row, has_line, lay_out},
    trouble::Trouble,
};

use super::{
    info::About,
    quotes::use_quotes,
    row::{Around, LINE_ID, row},
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

/// The id of the scroller.
pub(super) const LOG_ID: &str = "log";
/// Older messages are fetched when the reader is closer than this to the oldest one shown.
const FETCH_WITHIN_PX: i32 = 600;
/// Further than this from the end, the way back is offered.
const FAR_FROM_END_PX: i32 = 300;
/// Closer than this to the end, the newest message is on the screen.
const AT_END_WITHIN_PX: i32 = 48;

/// The scroller with all rows. `at_end` is set to whether the newest message is on the screen.
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
                button { class: "log-latest", r#type: "button", onclick: move |_| browser::scroll_to_end(LOG_ID),
                    Icon { shape: Shape::Down }
                    "Jump to latest"
                }
            }
            p { class: "log-word", role: "status", if let Some(word) = (view.word)() { span { "{word}" } } }
        }
        Menu { view, onwish }
        DeleteDialog { open, view }
        Picker { view, onwish }
        Viewer { open, view }
        About { open, view }
    }
}

/// All rows, in one list with keys: what arrives moves no row, and takes neither focus nor selection.
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
    let placed = lay_out(&rows, line(), account.user_id(), now_ms());
    rsx! { {placed.iter().map(|placed| row(placed, fetched(placed), &around))} }
}

#[component]
fn Menu(view: ChatView, onwish: Callback<Wish>) -> Element {
    let mut menu = view.menu;
    let Some((message, at)) = menu() else { return rsx! {} };
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

/// Where the reader stands.
#[derive(Clone, Copy)]
struct Place {
    far: Signal<bool>,
    trouble: Signal<Option<Trouble>>,
    measure: Callback<()>,
    retry: Callback<()>,
}

/// Follows where the reader stands: fetches older messages near the top, and knows when the end is on the screen.
fn use_place(open: OpenChat, mut line: Signal<bool>, mut at_end: Signal<bool>) -> Place {
    let desk = use_context::<Desk>();
    let mut far = use_signal(|| false);
    let busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut settled = use_signal(|| false);
    let fetch = use_callback(move |()| fetch_older(open, busy, trouble));
    let measure = use_callback(move |()| {
        let Some((above, below)) = browser::scroll_room(LOG_ID) else { return };
        if far() != (below > FAR_FROM_END_PX) {
            far.toggle();
        }
        let is_at_end = *settled.peek() && below <= AT_END_WITHIN_PX;
        if *at_end.peek() != is_at_end {
            at_end.set(is_at_end);
        }
        if above < FETCH_WITHIN_PX && trouble.peek().is_none() {
            fetch.call(());
        }
    });
    let retry = use_callback(move |()| {
        trouble.set(None);
        fetch.call(());
    });
    // After every change: a log that does not fill its pane fetches on, until it does or the beginning is there.
    use_effect(move || {
        let (count, has_new) = {
            let rows = open.rows.read();
            (rows.len(), has_line(&rows))
        };
        let _ = busy();
        if !*settled.peek() && count > 0 {
            // A chat with news opens where they begin; the line has to be on the page for that.
            if has_new && (desk.attended)() && !line() {
                line.set(true);
                return;
            }
            if has_new && line() && browser::is_above(LINE_ID, LOG_ID) {
                browser::scroll_to(LINE_ID);
            }
            settled.set(true);
        }
        measure.call(());
    });
    Place { far, trouble, measure, retry }
}

fn fetch_older(open: OpenChat, mut busy: Signal<bool>, mut trouble: Signal<Option<Trouble>>) {
    let at_start = *open.paging.peek() == Paging::AtStart;
    let Some(handle) = open.handle.peek().clone() else { return };
    if at_start || *busy.peek() {
        return;
    }
    busy.set(true);
    spawn(async move {
        match handle.page_back().await {
            // Not left to the timeline to tell, which may be on its way out: asking on would then never end.
            Ok(true) => open.take_in(ConversationChange::Paging(Paging::AtStart)),
            Ok(false) => {}
            Err(found) => trouble.set(Some(found)),
        }
        busy.set(false);
    });
}
