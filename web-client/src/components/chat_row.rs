//! One chat in the sidebar.

use dioxus::prelude::*;
use hearth_web_state::{
    calendar::LocalTime,
    chats::{Chat, Preview},
};

use super::{
    avatar::Avatar,
    icon::{Icon, Shape},
};
use crate::browser;

/// `onpick` gets the chat's id. `open` marks the chat that is shown; `now` decides how days are named. `is_doubtful`: the
/// name could be taken for somebody else's, so the user id stands beside it.
#[component]
pub(crate) fn ChatRow(
    chat: Chat,
    now: LocalTime,
    open: bool,
    quiet: bool,
    #[props(default)] is_doubtful: bool,
    #[props(default)] is_blocked: bool,
    #[props(default)] is_muted: bool,
    onpick: EventHandler<String>,
) -> Element {
    let id = chat.id.clone();
    let user_id = chat.peer.clone().filter(|_| is_doubtful);
    let stamp = chat.at_ms.map(|at_ms| browser::local_time(at_ms).short(now));
    let unread = if quiet || is_blocked || is_muted { 0 } else { chat.unread };
    let line = if is_blocked { "Blocked".to_owned() } else { chat.preview.line() };
    rsx! {
        li { class: "row-item",
            button {
                class: if unread > 0 { "row row-unread" } else { "row" },
                r#type: "button",
                "aria-current": if open { "page" },
                onclick: move |_| onpick.call(id.clone()),
                Avatar { id: chat.peer.clone().unwrap_or_else(|| chat.id.clone()), name: chat.name.clone() }
                span { class: "row-text",
                    span { class: "row-top",
                        span { class: "row-name", bdi { "{chat.name}" } }
                        if let Some(stamp) = stamp { span { class: "row-stamp", "{stamp}" } }
                    }
                    if let Some(user_id) = user_id { span { class: "row-line row-id", "{user_id}" } }
                    span { class: "row-bottom",
                        span {
                            class: if matches!(chat.preview, Preview::Failed(_)) { "row-line row-failed" } else { "row-line" },
                            dir: "auto",
                            "{line}"
                        }
                        if is_muted {
                            span { class: "row-muted", title: "Muted",
                                Icon { shape: Shape::BellOff }
                                span { class: "sr-only", "Muted" }
                            }
                        }
                        if unread > 0 {
                            span { class: "badge",
                                span { "aria-hidden": "true", if unread > 99 { "99+" } else { "{unread}" } }
                                span { class: "sr-only", if unread == 1 { "1 unread message" } else { "{unread} unread messages" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
