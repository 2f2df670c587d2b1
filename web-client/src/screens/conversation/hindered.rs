//! What stands in the place of the composer when nobody would read what is written.

use dioxus::prelude::*;
use hearth_web_state::{
    chats::{Chat, Hindrance},
    trouble::Trouble,
};

use crate::{
    client::Access,
    components::notice::{Notice, Tone},
    screens::{
        standstill::UseItHere,
        workspace::{Desk, View},
    },
};

/// Says why, and offers the way out.
#[component]
pub(super) fn Hindered(chat: Chat, hindrance: Hindrance) -> Element {
    let access = use_context::<Access>();
    let is_here = access.own().is_some() || matches!(hindrance, Hindrance::Elsewhere(_));
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
        let (account, chat, hindrance) = (access.own().cloned(), chat.clone(), hindrance.clone());
        busy.set(true);
        spawn(async move {
            let done = match (hindrance, account) {
                (Hindrance::Blocked, Some(account)) => account.unblock(&chat.peer.unwrap_or_default()).await,
                (Hindrance::Gone, Some(account)) => account.invite_again(&chat.id).await,
                (Hindrance::Elsewhere(id), _) => {
                    desk.replace(View::Chat(id));
                    Ok(())
                }
                (Hindrance::Blocked | Hindrance::Gone, None) => Ok(()),
            };
            trouble.set(done.err());
            busy.set(false);
        });
    };
    rsx! {
        div { class: "writing hindered",
            Notice { tone: Tone::Calm, text,
                if is_here {
                    button { class: "link", r#type: "button", disabled: busy(), onclick: act, "{action}" }
                } else {
                    UseItHere {}
                }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
        }
    }
}
