//! The menu of a message: everything that can be done with it.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::message::{ActionKind, EMOJI, Message};

use super::{
    icon::{Icon, Shape},
    message_row::Wish,
};
use crate::{browser, later::later};

const MENU_ID: &str = "message-menu";

later! {
    /// `at` is where it opens, in pixels from the left and the top of the window; on a narrow page it stands at the bottom.
    /// `onclose` comes before the wish.
    MessageMenu(MenuProps) of more by load_message_menu, Front: Menu
}

#[component]
pub(crate) fn Menu(message: Rc<Message>, at: (f64, f64), onclose: EventHandler<()>, onwish: Callback<Wish>) -> Element {
    use_effect(|| browser::focus_next_item(MENU_ID, false));
    let actions = message.actions();
    let (x, y) = at;
    rsx! {
        div { class: "menu-back", "aria-hidden": "true", onclick: move |_| onclose.call(()) }
        div {
            id: MENU_ID,
            class: "menu",
            role: "menu",
            "aria-label": "Message actions",
            left: "clamp(var(--space-2), calc({x}px + 4rem), calc(100vw - 20rem))",
            top: "clamp(var(--space-2), {y}px, calc(100vh - 19rem))",
            onkeydown: move |event| {
                match event.key() {
                    Key::ArrowDown | Key::ArrowRight => browser::focus_next_item(MENU_ID, false),
                    Key::ArrowUp | Key::ArrowLeft => browser::focus_next_item(MENU_ID, true),
                    Key::Escape | Key::Tab => onclose.call(()),
                    _ => return,
                }
                event.prevent_default();
                event.stop_propagation();
            },
            if actions.contains(&ActionKind::React) {
                div { class: "menu-emoji", role: "group", "aria-label": "React",
                    for (emoji, name) in EMOJI {
                        button {
                            key: "{name}",
                            class: "menu-emoji-one",
                            r#type: "button",
                            role: "menuitemcheckbox",
                            tabindex: -1,
                            "aria-label": "React with {name}",
                            "aria-checked": if message.has_own(emoji) { "true" } else { "false" },
                            onclick: {
                                let message = message.clone();
                                move |_| {
                                    onclose.call(());
                                    onwish.call(Wish::React(message.clone(), emoji.to_owned()));
                                }
                            },
                            "{emoji}"
                        }
                    }
                    button {
                        class: "menu-emoji-one menu-emoji-more",
                        r#type: "button",
                        role: "menuitem",
                        tabindex: -1,
                        "aria-label": "More emoji",
                        title: "More emoji",
                        onclick: {
                            let message = message.clone();
                            move |_| {
                                onclose.call(());
                                onwish.call(Wish::Choose(message.clone()));
                            }
                        },
                        Icon { shape: Shape::Smile }
                    }
                }
            }
            for kind in actions.into_iter().filter(|kind| *kind != ActionKind::React) {
                Item {
                    key: "{label(kind)}",
                    kind,
                    onpick: {
                        let message = message.clone();
                        move |()| {
                            onclose.call(());
                            onwish.call(Wish::Do(kind, message.clone()));
                        }
                    },
                }
            }
        }
    }
}

#[component]
fn Item(kind: ActionKind, onpick: EventHandler<()>) -> Element {
    let is_grave = matches!(kind, ActionKind::Delete | ActionKind::Discard | ActionKind::UndoChange);
    rsx! {
        button {
            class: if is_grave { "menu-item menu-item-grave" } else { "menu-item" },
            r#type: "button",
            role: "menuitem",
            tabindex: -1,
            onclick: move |_| onpick.call(()),
            Icon { shape: shape(kind) }
            "{label(kind)}"
        }
    }
}

fn label(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::TryAgain => "Try again",
        ActionKind::React => "React",
        ActionKind::Reply => "Reply",
        ActionKind::Edit => "Edit",
        ActionKind::UndoChange => "Undo change",
        ActionKind::Copy => "Copy text",
        ActionKind::Info => "Info",
        ActionKind::Delete | ActionKind::Discard => "Delete",
    }
}

fn shape(kind: ActionKind) -> Shape {
    match kind {
        ActionKind::TryAgain | ActionKind::React => Shape::Send,
        ActionKind::Reply => Shape::Reply,
        ActionKind::Edit => Shape::Pen,
        ActionKind::Copy => Shape::Copy,
        ActionKind::Info => Shape::Info,
        ActionKind::Delete | ActionKind::Discard | ActionKind::UndoChange => Shape::Bin,
    }
}
