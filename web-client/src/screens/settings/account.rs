//! The account itself: another password, and its end.

use dioxus::prelude::*;
use hearth_web_state::{password::MIN_PASSWORD_LEN, session::Input};

use super::proof::{Proof, use_going};
use crate::{
    call::Calls,
    client::Account,
    components::field::{Field, Kind},
    shell::Shell,
    task,
};

/// Both, each with the password asked for again.
#[component]
pub(super) fn AccountSection() -> Element {
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-account",
            h2 { id: "settings-account", "Account" }
            PasswordChange {}
            Deactivation {}
        }
    }
}

#[component]
fn PasswordChange() -> Element {
    let account = use_context::<Account>();
    let mut asking = use_signal(|| false);
    let mut is_done = use_signal(|| false);
    let mut fresh = use_signal(String::new);
    let mut is_short = use_signal(|| false);
    let going = use_going();
    let change = move |password: String| {
        let account = account.clone();
        is_short.set(fresh.peek().chars().count() < MIN_PASSWORD_LEN);
        if is_short() {
            return;
        }
        spawn(async move {
            let new = fresh.peek().clone();
            if going.run(account.change_password(&new, &password)).await {
                fresh.set(String::new());
                asking.set(false);
                is_done.set(true);
            }
        });
    };
    rsx! {
        if asking() {
            Proof { id: "password-old", action: "Change password", going, onprove: change, oncancel: move |()| asking.set(false),
                p { class: "settings-hint", "All your other devices are logged out. Your recovery key stays as it is." }
                Field { id: "password-new", label: "New password", kind: Kind::Password, value: fresh(), autocomplete: "new-password",
                    error: is_short().then(|| format!("Use at least {MIN_PASSWORD_LEN} characters.")),
                    oninput: move |value| { fresh.set(value); is_short.set(false); } }
            }
        } else {
            div { class: "settings-line",
                p { if is_done() { span { role: "status", "Your password is changed." } } else { "The password that you log in with." } }
                button { class: "button", r#type: "button", onclick: move |_| { asking.set(true); is_done.set(false); }, "Change password" }
            }
        }
    }
}

#[component]
fn Deactivation() -> Element {
    let account = use_context::<Account>();
    let calls = use_context::<Calls>();
    let shell = use_context::<Shell>();
    let mut asking = use_signal(|| false);
    let mut erases = use_signal(|| false);
    let going = use_going();
    let deactivate = move |password: String| {
        let (account, calls) = (account.clone(), calls.clone());
        // The sync may hear of the end of the session before the answer is here, which takes these settings away.
        let erases = *erases.peek();
        let closing = async move {
            account.deactivate(&password, erases).await?;
            calls.close();
            shell.step(Input::Forget);
            Ok(())
        };
        spawn(async move {
            going.run(async move { task::to_the_end(closing).await.unwrap_or(Ok(())) }).await;
        });
    };
    rsx! {
        if asking() {
            Proof { id: "deactivate-password", action: "Deactivate for good", is_dangerous: true, going, onprove: deactivate,
                oncancel: move |()| asking.set(false),
                p { "This can’t be undone. You are logged out everywhere, you leave all chats, and nobody can use your username again, you neither. What you wrote stays with the people you wrote to." }
                label { class: "settings-line",
                    span { "Also ask the server to forget what I wrote" }
                    input { r#type: "checkbox", checked: erases(), onchange: move |event| erases.set(event.checked()) }
                }
            }
        } else {
            div { class: "settings-line",
                p { "The end of this account, on every device." }
                button { class: "button button-leave", r#type: "button", onclick: move |_| asking.set(true), "Deactivate account" }
            }
        }
    }
}
