//! The question before something is done to an account, and the link that may come of it.

use dioxus::prelude::*;
use hearth_web_state::admin::{Act, MadeLink, Person};

use super::link::LinkBox;
use crate::{
    browser,
    client::{Account, Answered},
    components::notice::{Notice, Tone},
    task::to_the_end,
};

/// The id of the dialog.
pub(super) const QUESTION_ID: &str = "admin-question";

/// Asks what `asked` says, and does it. `ondone` gets whose account it was done to.
#[component]
pub(super) fn Question(mut asked: Signal<Option<(Act, Person)>>, ondone: EventHandler<String>) -> Element {
    let busy = use_signal(|| false);
    // What was chosen for one question is not chosen for the next, however this one is left; what is being done is waited for.
    let oncancel = move |event: Event<CancelData>| {
        if busy() { event.prevent_default() } else { asked.set(None) }
    };
    rsx! {
        dialog { id: QUESTION_ID, class: "dialog", "aria-labelledby": "admin-question-title", "aria-describedby": "admin-question-text", oncancel,
            if let Some((act, person)) = asked() {
                Asked { key: "{person.user_id}-{act.action()}", act, person, busy, ondone, onclose: move |()| {
                    browser::close_dialog();
                    asked.set(None);
                } }
            }
        }
    }
}

#[component]
fn Asked(
    act: Act,
    person: Person,
    mut busy: Signal<bool>,
    ondone: EventHandler<String>,
    onclose: EventHandler<()>,
) -> Element {
    let account = use_context::<Account>();
    let mut erases = use_signal(|| false);
    let mut trouble = use_signal(|| None::<String>);
    let mut made = use_signal(|| None::<MadeLink>);
    let user_id = person.user_id.clone();
    let act_now = move |_| {
        busy.set(true);
        trouble.set(None);
        let (account, user_id) = (account.clone(), user_id.clone());
        let doing = to_the_end({
            let (user_id, erase) = (user_id.clone(), *erases.peek());
            async move { done(&account, act, &user_id, erase).await }
        });
        spawn(async move {
            let done = doing.await;
            busy.set(false);
            match done {
                Ok(Ok(link)) => {
                    ondone.call(user_id);
                    match link {
                        Some(link) => made.set(Some(link)),
                        None => onclose.call(()),
                    }
                }
                Ok(Err(words)) => trouble.set(Some(words)),
                // The page is going away.
                Err(_) => {}
            }
        });
    };
    rsx! {
        form { method: "dialog", class: "dialog-body", onsubmit: move |event| { event.prevent_default(); onclose.call(()); },
            h2 { id: "admin-question-title", "{act.title(person.name())}" }
            p { id: "admin-question-text", "{act.text()}" }
            if act == Act::Deactivate {
                label { class: "admin-check",
                    input { r#type: "checkbox", checked: erases(), onchange: move |event| erases.set(event.checked()) }
                    span { "Also erase: the server forgets their profile, devices, files and what they wrote, for everybody" }
                }
            }
            p { class: "admin-hint", "Everybody on this server can read in the ledger that you did it." }
            if let Some(words) = trouble() { Notice { tone: Tone::Trouble, text: words } }
            if let Some(made) = made() {
                LinkBox { made, name: "Reset link" }
                div { class: "button-line button-line-end",
                    button { class: "button button-primary", r#type: "submit", "Done" }
                }
            } else {
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", "Cancel" }
                    button {
                        class: if act.is_dangerous() { "button button-danger" } else { "button button-primary" },
                        r#type: "button",
                        disabled: busy(),
                        onclick: act_now,
                        "{act.action()}"
                    }
                }
            }
        }
    }
}

async fn done(account: &Account, act: Act, user_id: &str, erase: bool) -> Answered<Option<MadeLink>> {
    match act {
        Act::ResetLink => return account.make_reset_link(user_id).await.map(Some),
        Act::Lock => account.set_locked(user_id, true).await?,
        Act::Unlock => account.set_locked(user_id, false).await?,
        Act::MakeAdmin => account.set_admin(user_id, true).await?,
        Act::UnmakeAdmin => account.set_admin(user_id, false).await?,
        Act::Deactivate => account.deactivate_other(user_id, erase).await?,
        Act::Erase => account.deactivate_other(user_id, true).await?,
    }
    Ok(None)
}
