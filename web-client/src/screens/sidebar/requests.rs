//! Those who ask to talk, apart from the chats.

use dioxus::prelude::*;

use crate::{
    components::person_row::PersonRow,
    screens::workspace::{Desk, View},
};

/// More than these are listed only when somebody wants to see them, so that nobody is buried under strangers.
const MAX_SHOWN_UNASKED: usize = 3;

/// A heading with their number, and the list. Always with the user id: of a stranger the name says nothing.
#[component]
pub(super) fn Requests() -> Element {
    let mut desk = use_context::<Desk>();
    let mut chosen = use_signal(|| None::<bool>);
    let chats = desk.chats.read();
    let requests: Vec<_> =
        chats.requests().map(|chat| (chat.id.clone(), chat.name.clone(), chat.peer.clone().unwrap_or_default())).collect();
    let count = requests.len();
    if count == 0 {
        return rsx! {};
    }
    let is_open = chosen().unwrap_or(count <= MAX_SHOWN_UNASKED);
    let view = (desk.view)();
    rsx! {
        section { class: "requests", "aria-label": "Requests",
            button {
                class: "requests-head",
                r#type: "button",
                "aria-expanded": if is_open { "true" } else { "false" },
                onclick: move |_| chosen.set(Some(!is_open)),
                "Requests"
                span { class: "badge", "{count}" }
            }
            if is_open {
                ul { class: "rows", role: "list", "aria-label": "Requests",
                    for (id, name, user_id) in requests {
                        PersonRow {
                            key: "{id}",
                            user_id,
                            name,
                            open: view == View::Chat(id.clone()),
                            onpick: move |()| desk.go(View::Chat(id.clone())),
                        }
                    }
                }
            }
        }
    }
}
