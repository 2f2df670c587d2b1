//! Choosing an emoji: one of those used last, by group, or by name. Its table is fetched when it is first opened.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::emoji_table::{Emoji, EmojiTable, with_recent};

use super::icon::{Icon, Shape};
use crate::{browser, later::later};

const TABLE_PATH: &str = "/assets/emoji.txt";
const RECENT_KEY: &str = "hearth.emoji";
const SEARCH_ID: &str = "emoji-search";
const TABS_ID: &str = "emoji-tabs";
const GRID_ID: &str = "emoji-grid";
/// As in the style.
const COLUMNS: isize = 8;

/// What became of the table.
#[derive(Clone, PartialEq)]
enum Table {
    Coming,
    There(Rc<EmojiTable>),
    Failed,
}

/// A dialog; `is_open` fills it, `browser::show_dialog` shows it by its id. It is closed by one or the other.
#[component]
pub(crate) fn EmojiPicker(
    id: &'static str,
    is_open: ReadSignal<bool>,
    onpick: EventHandler<String>,
    onclose: EventHandler<()>,
) -> Element {
    let mut was_opened = use_signal(|| false);
    use_effect(move || {
        if is_open() {
            was_opened.set(true);
        }
    });
    rsx! {
        dialog { id, class: "dialog emoji-picker", "aria-label": "Choose an emoji", oncancel: move |_| onclose.call(()),
            if was_opened() {
                OpenedPicker { is_open, onpick, onclose }
            }
        }
    }
}

later! {
    /// What is in the dialog.
    OpenedPicker(OpenedProps) of more by load_emoji, Pane: Opened
}

#[component]
pub(crate) fn Opened(is_open: ReadSignal<bool>, onpick: EventHandler<String>, onclose: EventHandler<()>) -> Element {
    let mut table = use_signal(|| Table::Coming);
    let load = use_callback(move |()| {
        table.set(Table::Coming);
        spawn(async move {
            let text = browser::text_at(TABLE_PATH).await.map(|text| EmojiTable::parse(&text));
            let read = text.filter(|table| !table.groups.is_empty());
            table.set(read.map_or(Table::Failed, |read| Table::There(Rc::new(read))));
        });
    });
    use_effect(move || {
        if is_open() && !matches!(*table.peek(), Table::There(_)) {
            load.call(());
        }
    });
    let close = move || {
        browser::close_dialog();
        onclose.call(());
    };
    rsx! {
        if is_open() {
            button { class: "icon-button emoji-close", r#type: "button", "aria-label": "Close", onclick: move |_| close(),
                Icon { shape: Shape::Close }
            }
            match table() {
                Table::Coming => rsx! { p { class: "emoji-word", role: "status", "Loading…" } },
                Table::Failed => rsx! {
                    p { class: "emoji-word", role: "alert",
                        "The emoji could not be loaded. "
                        button { class: "link", r#type: "button", onclick: move |_| load.call(()), "Try again" }
                    }
                },
                Table::There(table) => rsx! {
                    Choice {
                        table,
                        onpick: move |emoji: String| {
                            let recent = with_recent(&browser::stored(RECENT_KEY).unwrap_or_default(), &emoji);
                            browser::store(RECENT_KEY, &recent);
                            browser::close_dialog();
                            onpick.call(emoji);
                        },
                    }
                },
            }
        }
    }
}

/// The search field, the groups, and the emoji of what is chosen there.
#[component]
fn Choice(table: Rc<EmojiTable>, onpick: EventHandler<String>) -> Element {
    let mut typed = use_signal(String::new);
    let recent: Vec<String> =
        use_hook(|| browser::stored(RECENT_KEY).unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect());
    // 0 are those used last.
    let mut chosen = use_signal(|| usize::from(recent.is_empty()));
    use_effect(|| {
        if browser::has_pointer() {
            browser::focus(SEARCH_ID);
        }
    });
    let (shown, heading) = shown(&table, &recent, &typed.read(), chosen());
    let first = shown.first().map(|(text, _)| text.clone());
    rsx! {
        input {
            id: SEARCH_ID,
            class: "field-input emoji-search",
            r#type: "search",
            "aria-label": "Search emoji",
            placeholder: "Search emoji",
            autocomplete: "off",
            maxlength: 64,
            value: "{typed}",
            oninput: move |event| typed.set(event.value()),
            onkeydown: move |event| match event.key() {
                Key::ArrowDown if browser::focus_among(GRID_ID, "button", 1) => event.prevent_default(),
                Key::Enter if !typed.peek().is_empty() => {
                    // The focus may be in a text by the time that the browser would begin a new line.
                    event.prevent_default();
                    if let Some(first) = first.clone() {
                        onpick.call(first);
                    }
                }
                _ => {}
            },
        }
        div {
            id: TABS_ID,
            class: "emoji-tabs",
            role: "tablist",
            "aria-label": "Groups",
            onkeydown: move |event| {
                let step = match event.key() {
                    Key::ArrowRight => 1,
                    Key::ArrowLeft => -1,
                    _ => return,
                };
                if browser::focus_among(TABS_ID, "button", step) {
                    event.prevent_default();
                }
            },
            for (index, name, sign) in tabs(&table, !recent.is_empty()) {
                button {
                    key: "{index}",
                    class: "emoji-tab",
                    r#type: "button",
                    role: "tab",
                    "aria-label": "{name}",
                    title: "{name}",
                    "aria-selected": if typed.read().is_empty() && index == chosen() { "true" } else { "false" },
                    onclick: move |_| {
                        typed.set(String::new());
                        chosen.set(index);
                    },
                    "{sign}"
                }
            }
        }
        div { class: "emoji-panel", role: "tabpanel", "aria-label": "{heading}", tabindex: -1,
            p { class: "emoji-heading", role: "status", "{heading}" }
            div {
                id: GRID_ID,
                class: "emoji-grid",
                onkeydown: move |event| {
                    let step = match event.key() {
                        Key::ArrowRight => 1,
                        Key::ArrowLeft => -1,
                        Key::ArrowDown => COLUMNS,
                        Key::ArrowUp => -COLUMNS,
                        _ => return,
                    };
                    event.prevent_default();
                    if !browser::focus_among(GRID_ID, "button", step) && step < 0 {
                        browser::focus(SEARCH_ID);
                    }
                },
                for (text, name) in shown {
                    button {
                        key: "{text}",
                        class: "emoji-one",
                        r#type: "button",
                        "aria-label": "{name}",
                        title: "{name}",
                        onclick: {
                            let text = text.clone();
                            move |_| onpick.call(text.clone())
                        },
                        "{text}"
                    }
                }
            }
        }
    }
}

/// The groups as (index, name, an emoji that stands for it); those used last are 0.
fn tabs(table: &EmojiTable, has_recent: bool) -> Vec<(usize, String, String)> {
    let sign = |emoji: &[Emoji]| emoji.first().map(|first| first.text.clone()).unwrap_or_default();
    let groups = table.groups.iter().zip(1..).map(|(group, index)| (index, group.name.clone(), sign(&group.emoji)));
    has_recent.then(|| (0, "Used last".to_owned(), "🕘".to_owned())).into_iter().chain(groups).collect()
}

/// The emoji on show with their names, and what they are.
fn shown(table: &EmojiTable, recent: &[String], typed: &str, chosen: usize) -> (Vec<(String, String)>, String) {
    let pair = |emoji: &Emoji| (emoji.text.clone(), emoji.name.clone());
    if !typed.trim().is_empty() {
        let found: Vec<_> = table.search(typed).into_iter().map(pair).collect();
        let heading = if found.is_empty() { "Nothing is called that." } else { "Found" };
        return (found, heading.to_owned());
    }
    match chosen.checked_sub(1).and_then(|index| table.groups.get(index)) {
        Some(group) => (group.emoji.iter().map(pair).collect(), group.name.clone()),
        None => {
            let named = |text: &String| (text.clone(), table.name_of(text).to_owned());
            (recent.iter().map(named).collect(), "Used last".to_owned())
        }
    }
}
