//! Somebody unknown who asks to talk. Nothing of their chat is loaded, and they learn nothing, until one accepts.

use dioxus::prelude::*;
use hearth_web_state::{chats::Chat, trouble::Trouble};

use crate::{
    browser,
    client::Account,
    components::{
        avatar::Avatar,
        composer::COMPOSER_ID,
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    later::later,
    screens::{
        chat_options::{REPORT_ID, ReportDialog},
        workspace::{Desk, OpenChats, View},
    },
    task::to_the_end,
};

/// An answer to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Decline,
    Block,
}

later! {
    /// Who asks, and the answers to it.
    RequestPane(RequestProps) of more by load_request, Pane: Request
}

#[component]
pub(crate) fn Request(chat: Chat) -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut busy = use_signal(|| false);
    let chats = use_context::<OpenChats>();
    let user_id = chat.peer.clone().unwrap_or_default();
    let (id, peer) = (chat.id.clone(), user_id.clone());
    let give = use_callback(move |answer: Answer| {
        let (account, id, peer) = (account.clone(), id.clone(), peer.clone());
        busy.set(true);
        trouble.set(None);
        // It may have been open before one left it.
        chats.forget(&id);
        // This pane goes with the request, and a block is two steps.
        let done = to_the_end(async move { run(&account, &id, &peer, answer).await });
        spawn(async move {
            match done.await {
                Ok(Ok(())) if answer == Answer::Accept => browser::focus_soon(COMPOSER_ID),
                Ok(Ok(())) => desk.replace(View::Home),
                Ok(Err(found)) => trouble.set(Some(found)),
                // The page is going away.
                Err(_) => return,
            }
            busy.set(false);
        });
    });
    rsx! {
        main { class: "conversation", "aria-label": "Request from {chat.name}",
            header { class: "pane-head",
                button { class: "icon-button pane-back", r#type: "button", "aria-label": "Back to chats", onclick: move |_| desk.go(View::Home),
                    Icon { shape: Shape::Back }
                }
                h1 { class: "pane-title", "Request" }
            }
            div { class: "conversation-wait request",
                Avatar { id: user_id.clone(), name: chat.name.clone() }
                div {
                    h2 { class: "request-name", dir: "auto", "{chat.name}" }
                    p { class: "request-id", "{user_id}" }
                }
                p { "Somebody you have no chat with wants to talk with you." }
                p { class: "request-hint",
                    "Until you accept, they can’t call you and don’t learn whether you are here or have read anything. "
                    "Names can be made up: look at the address too."
                }
                if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
                div { class: "button-line request-answers",
                    button { class: "button button-primary", r#type: "button", disabled: busy(), onclick: move |_| give.call(Answer::Accept), "Accept" }
                    button { class: "button", r#type: "button", disabled: busy(), onclick: move |_| give.call(Answer::Decline), "Decline" }
                    button { class: "button", r#type: "button", disabled: busy(), onclick: move |_| give.call(Answer::Block), "Block" }
                    button { class: "button", r#type: "button", onclick: move |_| browser::show_dialog(REPORT_ID), "Report" }
                }
            }
            ReportDialog { user_id, name: chat.name.clone() }
        }
    }
}

async fn run(account: &Account, chat_id: &str, user_id: &str, answer: Answer) -> Result<(), Trouble> {
    match answer {
        Answer::Accept => account.accept(chat_id).await,
        Answer::Decline => account.decline(chat_id).await,
        Answer::Block => {
            // What cannot be declined is not heard of all the same.
            let declined = account.decline(chat_id).await;
            account.block(user_id).await?;
            declined
        }
    }
}
