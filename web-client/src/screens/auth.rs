//! Log in and sign up: one card that turns from one into the other.
//!
//! `index.html` holds the same card in plain HTML, which paints before the program arrives; what was typed there is
//! taken over here.

mod beforehand;
mod forgot;
mod sign_up;

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{identifier::Identifier, trouble::Trouble};

use crate::{
    browser,
    client::{log_in, sends_email},
    components::{
        field::{Field, Kind},
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    shell::{Entry, Shell},
};
use beforehand::{Beforehand, is_ready, use_focus_of_boot, use_submit_of_boot};
use forgot::ForgotForm;
use sign_up::SignUpForm;

pub(crate) use sign_up::prepare_sign_up;

/// What the card shows.
#[derive(Clone, PartialEq)]
enum Side {
    LogIn,
    SignUp,
    /// For whoever has forgotten their password, with what they had typed to say who they are.
    Forgot(String),
}

/// The whole screen.
#[component]
pub(crate) fn Auth() -> Element {
    let shell = use_context::<Shell>();
    let mut side = use_signal(|| if shell.boot.peek().is_sign_up { Side::SignUp } else { Side::LogIn });
    use_effect(move || match side() {
        Side::LogIn => browser::set_title("Log in · Hearth"),
        Side::SignUp => browser::set_title("Sign up · Hearth"),
        Side::Forgot(_) => browser::set_title("Forgotten password · Hearth"),
    });
    rsx! {
        main { class: "auth",
            div { class: "auth-card",
                p { class: "auth-brand", Icon { shape: Shape::Flame } "Hearth" }
                Beforehand {}
                match side() {
                    Side::LogIn => rsx! {
                        LogInForm { onswitch: move |()| side.set(Side::SignUp), onforgot: move |typed| side.set(Side::Forgot(typed)) }
                    },
                    Side::SignUp => rsx! { SignUpForm { onswitch: move |()| side.set(Side::LogIn) } },
                    Side::Forgot(typed) => rsx! { ForgotForm { typed, onback: move |()| side.set(Side::LogIn) } },
                }
            }
        }
    }
}

#[component]
fn LogInForm(onswitch: EventHandler<()>, onforgot: EventHandler<String>) -> Element {
    let shell = use_context::<Shell>();
    let mut has_links = use_signal(|| false);
    use_future(move || async move { has_links.set(sends_email().await) });
    use_focus_of_boot(shell);
    let mut identifier = use_signal(|| shell.boot.peek().identifier.clone());
    let mut password = use_signal(|| shell.boot.peek().password.clone());
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let submit = use_callback(move |()| {
        if busy() {
            return;
        }
        let Some(who) = Identifier::parse(&identifier.peek()).filter(|_| !password.peek().is_empty()) else {
            trouble.set(Some(Trouble::WrongPassword));
            return;
        };
        busy.set(true);
        trouble.set(None);
        spawn(async move {
            let secret = password.peek().clone();
            let entered = match is_ready().await {
                Ok(()) => log_in(&who, &secret).await,
                Err(found) => Err(found),
            };
            match entered {
                Ok(session) => {
                    // Not a task of this screen, which is about to go.
                    spawn_forever(async move { shell.enter(session, Entry::LoggedIn) });
                }
                Err(found) => {
                    trouble.set(Some(found));
                    busy.set(false);
                }
            }
        });
    });
    use_submit_of_boot(shell, submit);
    rsx! {
        h1 { class: "auth-title", "Welcome back" }
        form {
            class: "auth-form",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                submit.call(());
            },
            Field {
                id: "identifier", label: "Username or email", value: identifier(), autocomplete: "username",
                oninput: move |value| identifier.set(value),
            }
            Field {
                id: "password", label: "Password", kind: Kind::Password, value: password(), autocomplete: "current-password",
                oninput: move |value| password.set(value),
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
            button { class: "button button-primary button-wide", r#type: "submit", "aria-disabled": if busy() { "true" },
                if busy() { "Logging in…" } else { "Log in" }
            }
        }
        p { class: "auth-switch",
            "New here? "
            button { class: "link", r#type: "button", onclick: move |_| onswitch.call(()), "Create an account" }
        }
        // Its place is kept: nothing moves under a finger when the server has said that it sends email.
        p { class: "auth-switch auth-forgot",
            if has_links() {
                button { class: "link", r#type: "button", onclick: move |_| onforgot.call(identifier.peek().clone()), "Forgot your password?" }
            }
        }
    }
}
