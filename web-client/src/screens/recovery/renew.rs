//! A new recovery key.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    client::{Account, NewKey},
    components::{
        notice::{Notice, Tone},
        recovery_key::RecoveryKey,
    },
    shell::KEY_REMINDER,
    task::to_the_end,
};

/// Makes a new key. The old one goes on working until the new one is kept safe and that is confirmed.
#[component]
pub(super) fn Renew(first: bool) -> Element {
    let account = use_context::<Account>();
    let mut made = use_signal(|| None::<NewKey>);
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut busy = use_signal(|| false);
    let make = use_callback(move |()| {
        let account = account.clone();
        busy.set(true);
        trouble.set(None);
        // Two keys for a moment: leaving the pane meanwhile must not leave the wrong one in use.
        let making = to_the_end(async move {
            let new = account.make_recovery_key().await;
            if new.as_ref().is_ok_and(|new| new.is_used) {
                browser::store(KEY_REMINDER, "1");
            }
            new
        });
        spawn(async move {
            match making.await {
                Ok(Ok(new)) => made.set(Some(new)),
                Ok(Err(found)) => trouble.set(Some(found)),
                // The page is going away.
                Err(_) => return,
            }
            busy.set(false);
        });
    });
    rsx! {
        section { class: "settings-section",
            if first {
                p { "With a recovery key your encrypted history can be read on a new device. Without one it is lost when you log out." }
            } else {
                p { "Your keys are backed up, encrypted with your recovery key. If you no longer have that key, make a new one." }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
            if let Some(new) = made() {
                Confirm { new, onused: move |()| made.set(None) }
            } else {
                button { class: "button button-primary", r#type: "button", disabled: busy(), onclick: move |_| make.call(()),
                    if busy() { "Making your key…" } else { "Make a new key" }
                }
            }
        }
    }
}

/// Shows the new key, and lets it take the place of the old one when the person has it.
#[component]
fn Confirm(new: NewKey, onused: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let user_id = account.user_id().to_owned();
    let mut saved = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut done = use_signal(|| None::<Result<(), Trouble>>);
    let key = new.key.clone();
    let words = if new.is_used {
        "This is your recovery key now. Save it before you go on."
    } else {
        "Your old key works until you confirm that you have saved this one."
    };
    let confirm = move |_| {
        let (account, new) = (account.clone(), new.clone());
        busy.set(true);
        let using = to_the_end(async move { account.use_recovery_key(&new).await });
        spawn(async move {
            let Ok(used) = using.await else { return };
            if used.is_ok() {
                browser::unstore(KEY_REMINDER);
            }
            done.set(Some(used));
            busy.set(false);
        });
    };
    if done() == Some(Ok(())) {
        return rsx! {
            p { role: "status", "Your new recovery key is in use. The old one no longer works." }
            button { class: "button", r#type: "button", onclick: move |_| onused.call(()), "Done" }
        };
    }
    rsx! {
        p { "{words}" }
        RecoveryKey { recovery_key: key, user_id, onsaved: move |()| saved.set(true) }
        label { class: "confirm",
            input { r#type: "checkbox", checked: saved(), onchange: move |event| saved.set(event.checked()) }
            "I have saved this key"
        }
        if let Some(Err(found)) = done() { Notice { tone: Tone::Trouble, text: found.words() } }
        div { class: "button-line",
            button { class: "button button-primary", r#type: "button", disabled: busy() || !saved(), onclick: confirm, "Use this key" }
        }
    }
}
