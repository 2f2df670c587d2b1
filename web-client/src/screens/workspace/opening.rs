//! The pane of a chat on its way: shown from the moment somebody is picked, so that nothing goes to the chat before.

use dioxus::prelude::*;
use futures_channel::oneshot;
use hearth_web_state::trouble::Trouble;

use super::{Desk, View};
use crate::{
    client::{Account, Person},
    components::notice::{Notice, Tone},
    later::later,
    screens::conversation::Header,
    task::to_the_end,
};

later! {
    /// Opens the chat with this person, and gives way to it.
    OpeningPane(OpeningProps) of more by load_opening, Pane: Opening
}

#[component]
pub(crate) fn Opening(person: Person) -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let user_id = person.user_id.clone();
    let open = use_callback(move |()| {
        trouble.set(None);
        let account = account.clone();
        let user_id = user_id.clone();
        // Making a chat is two requests; leaving the pane between them must not leave a chat that is nobody's.
        let opened = to_the_end(async move { account.open_direct_chat(&user_id).await });
        let mut desk = desk;
        spawn(async move {
            match opened.await {
                Ok(Ok(id)) => desk.replace(View::Chat(id)),
                Ok(Err(found)) => trouble.set(Some(found)),
                // The page is going away.
                Err(oneshot::Canceled) => {}
            }
        });
    });
    use_hook(|| open.call(()));
    rsx! {
        main { class: "conversation", "aria-label": "Chat with {person.name}",
            Header { id: person.user_id.clone(), name: person.name.clone(), peer: person.user_id.clone() }
            div { class: "conversation-wait",
                if let Some(found) = trouble() {
                    Notice { tone: Tone::Trouble, text: found.words(),
                        button { class: "link", r#type: "button", onclick: move |_| open.call(()), "Try again" }
                    }
                } else {
                    p { role: "status", "Opening the chat…" }
                }
            }
        }
    }
}
