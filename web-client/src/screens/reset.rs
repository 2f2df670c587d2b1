//! A new password for whoever comes by a link of an admin's, and what a new password does not do.

use dioxus::prelude::*;
use hearth_web_state::{
    password::{MAX_PASSWORD_LEN, Strength, strength},
    trouble::Trouble,
};

use crate::{
    browser,
    client::{set_new_password, whose_password},
    components::{
        field::{Field, Kind},
        icon::{Icon, Shape},
        notice::{Notice, Tone},
        strength_meter::StrengthMeter,
    },
    later::later,
    shell::Shell,
};

const PASSWORD_ID: &str = "new-password";

const OVER: &str = "This link doesn’t count: it was used, has expired, or there is a newer one. Ask the person who runs the server \
    for another.";

const NO_KEY: &str =
    "A new password doesn’t unlock older messages: your recovery key does, or another device that is still logged in.";

const LOGS_OUT: &str = "Leave this on if somebody else may have used your account. If you have no recovery key, but a device that \
    is logged in, turn it off: that device can unlock your older messages.";

later! {
    /// The whole screen, which people see when they have lost something.
    ResetScreen(()) of more by load_reset, Pane: |()| Reset()
}

/// How far the person has come.
#[derive(Clone, PartialEq)]
enum Step {
    /// The server is asked whether the link counts.
    Asking,
    /// The link counts for this user id.
    Choosing(String),
    /// The password of this user id is set.
    Done(String),
    /// Nothing comes of it, or not now.
    Failed(Trouble),
}

#[component]
fn Reset() -> Element {
    let shell = use_context::<Shell>();
    let mut step = use_signal(|| Step::Asking);
    let ask = use_callback(move |()| {
        step.set(Step::Asking);
        spawn(async move {
            let token = shell.boot.peek().reset.clone().unwrap_or_default();
            step.set(whose_password(&token).await.map_or_else(Step::Failed, Step::Choosing));
        });
    });
    use_hook(move || {
        browser::set_title("New password · Hearth");
        ask.call(());
    });
    rsx! {
        main { class: "auth",
            div { class: "auth-card",
                p { class: "auth-brand", Icon { shape: Shape::Flame } "Hearth" }
                h1 { class: "auth-title", "Set a new password" }
                match step() {
                    Step::Asking => rsx! { p { class: "auth-wait", role: "status", "One moment…" } },
                    Step::Choosing(user_id) => rsx! { NewPassword { user_id, ondone: move |user_id| step.set(Step::Done(user_id)) } },
                    Step::Done(user_id) => rsx! { Done { user_id } },
                    Step::Failed(found) => rsx! {
                        Notice { tone: Tone::Trouble, text: words(found) }
                        if found != Trouble::NotAllowed {
                            button { class: "button button-primary button-wide", r#type: "button", onclick: move |_| ask.call(()), "Try again" }
                        }
                        button { class: "button button-wide", r#type: "button", onclick: move |_| leave(shell, ""), "Go on without" }
                    },
                }
            }
        }
    }
}

/// The way on, for whoever has a new password.
#[component]
fn Done(user_id: String) -> Element {
    let shell = use_context::<Shell>();
    let who = user_id.clone();
    rsx! {
        p { class: "auth-who", "{user_id}" }
        Notice { tone: Tone::Calm, text: "Your new password is set. Log in with it." }
        button { class: "button button-primary button-wide", r#type: "button", onclick: move |_| leave(shell, &who), "Go on" }
    }
}

/// The form. The link stays as good as it was until the server has taken a password.
#[component]
fn NewPassword(user_id: String, ondone: EventHandler<String>) -> Element {
    let shell = use_context::<Shell>();
    let mut password = use_signal(String::new);
    let mut logs_out = use_signal(|| true);
    let mut checked = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let now = password();
    let strength_now = strength(&now, &[&user_id]);
    let who = user_id.clone();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        checked.set(true);
        trouble.set(None);
        if problem(&password.peek()).is_some() {
            browser::focus(PASSWORD_ID);
            return;
        }
        busy.set(true);
        let who = who.clone();
        spawn(async move {
            let (token, secret) = (shell.boot.peek().reset.clone().unwrap_or_default(), password.peek().clone());
            match set_new_password(&token, &secret, logs_out()).await {
                Ok(()) => {
                    browser::forget_reset();
                    ondone.call(who);
                }
                Err(found) => {
                    trouble.set(Some(found));
                    busy.set(false);
                }
            }
        });
    };
    rsx! {
        form { class: "auth-form", novalidate: true, onsubmit: submit,
            p { class: "auth-who", "{user_id}" }
            Field {
                id: PASSWORD_ID, label: "New password", kind: Kind::Password, value: now.clone(), autocomplete: "new-password",
                hint: now.is_empty().then(|| "At least 8 characters. Several words make a good one.".to_owned()),
                error: problem(&now).filter(|_| checked()).map(ToOwned::to_owned),
                oninput: move |value| password.set(value),
                if !now.is_empty() { StrengthMeter { strength: strength_now } }
            }
            Notice { tone: Tone::Calm, text: NO_KEY }
            label { class: "confirm",
                input {
                    r#type: "checkbox", checked: logs_out(), "aria-describedby": "logs-out",
                    onchange: move |event| logs_out.set(event.checked()),
                }
                "Log out all my devices"
            }
            p { class: "field-hint", id: "logs-out", "{LOGS_OUT}" }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: words(found) } }
            button { class: "button button-primary button-wide", r#type: "submit", "aria-disabled": if busy() { "true" },
                if busy() { "Setting your password…" } else { "Set password" }
            }
        }
        p { class: "auth-switch",
            button { class: "link", r#type: "button", onclick: move |_| leave(shell, ""), "Go on without" }
        }
    }
}

/// What keeps a password from being taken.
fn problem(password: &str) -> Option<&'static str> {
    if password.len() > MAX_PASSWORD_LEN {
        Some("Use a shorter one.")
    } else if strength(password, &[]) == Strength::TooShort {
        Some("Use at least 8 characters.")
    } else {
        None
    }
}

/// A link says nothing of who comes by it: what is "not allowed" is the link.
fn words(found: Trouble) -> String {
    if found == Trouble::NotAllowed { OVER.to_owned() } else { found.words() }
}

/// On to where the session stands: the log-in, with the name in it, or what is open here.
fn leave(mut shell: Shell, user_id: &str) {
    browser::forget_reset();
    let name = user_id.trim_start_matches('@').split(':').next().unwrap_or_default();
    let mut boot = shell.boot.write();
    boot.reset = None;
    if !name.is_empty() {
        boot.is_sign_up = false;
        name.clone_into(&mut boot.identifier);
    }
}
