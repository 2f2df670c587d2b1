//! The server does not know the session any more: logging in again goes on with everything that is here, and only a
//! person's word forgets it.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{
    session::{Input, Place},
    trouble::Trouble,
};

use crate::{
    browser,
    client::{Account, Session, log_in_again},
    components::{
        field::{Field, Kind},
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    later::later,
    shell::Shell,
};

const FORGET_ID: &str = "forget";

later! {
    /// The whole screen.
    LostScreen(LostProps) of more by load_lost, Pane: Lost
}

later! {
    /// The button that forgets everything here, with its question.
    ForgetButton(()) of more by load_forget, Front: |()| Forget()
}

#[component]
pub(crate) fn Lost(is_soft: bool) -> Element {
    let shell = use_context::<Shell>();
    let session = use_hook(Session::load);
    let mut password = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let who = session.as_ref().map(|session| session.user_id.clone()).unwrap_or_default();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let Some(session) = session.clone().filter(|_| !busy()) else { return };
        busy.set(true);
        trouble.set(None);
        spawn(async move {
            let account = shell.account.peek().clone();
            match reinstated(account, session, &password.peek().clone()).await {
                Ok(session) => {
                    // Not a task of this screen, which is about to go.
                    spawn_forever(async move { shell.enter_again(session) });
                }
                Err(found) => {
                    trouble.set(Some(found));
                    busy.set(false);
                }
            }
        });
    };
    let words = if is_soft {
        "It has been too long since you logged in."
    } else {
        "The server has ended this session: it was logged out elsewhere, or the server lost it."
    };
    rsx! {
        main { class: "auth",
            div { class: "auth-card",
                p { class: "auth-brand", Icon { shape: Shape::Flame } "Hearth" }
                h1 { class: "auth-title", "Log in again" }
                p { class: "auth-text", "{words} Your chats and keys are still in this browser." }
                form { class: "auth-form", novalidate: true, onsubmit: submit,
                    p { class: "auth-who", "{who}" }
                    Field { id: "password", label: "Password", kind: Kind::Password, value: password(),
                        autocomplete: "current-password", oninput: move |value| password.set(value) }
                    if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: words_of(found) } }
                    button { class: "button button-primary button-wide", r#type: "submit", "aria-disabled": if busy() { "true" },
                        if busy() { "Logging in…" } else { "Log in" }
                    }
                }
                Forget {}
            }
        }
    }
}

/// The session with a new token, which the server knows all about.
async fn reinstated(account: Option<Account>, session: Session, password: &str) -> Result<Session, Trouble> {
    let session = log_in_again(session, password).await?;
    if let Some(account) = account {
        account.reinstate(&session).await?;
    }
    Ok(session)
}

/// Whose password it is is not in doubt here.
fn words_of(trouble: Trouble) -> String {
    match trouble {
        Trouble::WrongPassword => "That isn’t the password of this account. Check it and try again.".to_owned(),
        other => other.words(),
    }
}

/// What stays only in this browser goes with it, so it is asked about.
#[component]
fn Forget() -> Element {
    let shell = use_context::<Shell>();
    let is_leaving = use_memo(move || *shell.machine.read().place() == Place::LoggingOut);
    rsx! {
        button { class: "button button-leave", r#type: "button", onclick: move |_| browser::show_dialog(FORGET_ID),
            "Forget everything on this device"
        }
        dialog { id: FORGET_ID, class: "dialog", "aria-labelledby": "forget-title", "aria-describedby": "forget-text",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "forget-title", "Forget everything on this device?" }
                p { id: "forget-text",
                    "Your chats, keys and unsent messages are removed from this browser. What was said can be read again only with your recovery key."
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", "Cancel" }
                    button { class: "button button-danger", r#type: "button", disabled: is_leaving(),
                        onclick: move |_| shell.step(Input::Forget),
                        if is_leaving() { "Forgetting…" } else { "Forget everything" }
                    }
                }
            }
        }
    }
}
