//! What stands in the place of the composer when nobody would read what is written.

use dioxus::prelude::*;
use hearth_web_state::{
    chats::{Chat, Hindrance},
    trouble::Trouble,
};

use crate::{
    client::Account,
    components::notice::{Notice, Tone},
    screens::workspace::{Desk, View},
};

/// Says why, and offers the way out.
#[component]
pub(super) fn Hindered(chat: Chat, hindrance: Hindrance) -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut busy = use_signal(|| false);
    let name = &chat.name;
    let (text, action) = match &hindrance {
        Hindrance::Blocked => (format!("You blocked {name}. Neither of you can write to the other."), "Unblock"),
        Hindrance::Elsewhere(_) => (format!("You both began a chat. You talk with {name} in the other one."), "Go there"),
        Hindrance::Gone => (format!("{name} has left this chat. Nobody would read what you write."), "Invite again"),
    };
    let act = move |_| {
        let (account, chat, hindrance) = (account.clone(), chat.clone(), hindrance.clone());
        busy.set(true);
        spawn(async move {
            let done = match hindrance {
                Hindrance::Blocked => account.unblock(&chat.peer.unwrap_or_default()).await,
                Hindrance::Gone => account.invite_again(&chat.id).await,
                Hindrance::Elsewhere(id) => {
                    desk.replace(View::Chat(id));
                    Ok(())
                }
            };
            trouble.set(done.err());
            busy.set(false);
        });
    };
    rsx! {
        div { class: "writing hindered",
            Notice { tone: Tone::Calm, text,
                button { class: "link", r#type: "button", disabled: busy(), onclick: act, "{action}" }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
        }
    }
}
