//! The form for whoever has forgotten their password, where the server sends email.

use dioxus::prelude::*;
use hearth_web_state::{
    identifier::{Identifier, email_problem},
    trouble::Trouble,
};

use crate::{
    browser,
    client::send_reset_link,
    components::{
        field::{Field, Kind},
        notice::{Notice, Tone},
    },
    later::later,
};

const EMAIL_ID: &str = "forgot-email";

const KEYS: &str = "A new password doesn’t touch your keys: your older messages are unlocked by your recovery key, or by another \
    device that is still logged in.";

later! {
    /// The form, which most people never see.
    ForgotForm(FormProps) of more by load_forgot, Pane: Form
}

/// `typed` is what stands in the form for logging in.
#[component]
pub(crate) fn Form(typed: String, onback: EventHandler<()>) -> Element {
    let mut email =
        use_signal(|| if matches!(Identifier::parse(&typed), Some(Identifier::Email(_))) { typed } else { String::new() });
    let mut checked = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut outcome = use_signal(|| None::<Result<(), Trouble>>);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        checked.set(true);
        outcome.set(None);
        if email_problem(&email.peek()).is_some() {
            browser::focus(EMAIL_ID);
            return;
        }
        busy.set(true);
        spawn(async move {
            let address = email.peek().trim().to_owned();
            outcome.set(Some(send_reset_link(&address).await));
            busy.set(false);
        });
    };
    rsx! {
        h1 { class: "auth-title", "Forgot your password?" }
        if outcome() == Some(Ok(())) {
            Notice { tone: Tone::Calm,
                text: format!("If an account has {} as its confirmed address, a link is on its way there. It counts for a day. Look into the spam folder too.", email.read().trim()) }
            Notice { tone: Tone::Calm, text: KEYS }
            p { class: "auth-text", "No email comes? Ask the person who runs the server for a link." }
        } else {
            form { class: "auth-form", novalidate: true, onsubmit: submit,
                p { class: "auth-text", "We send you a link for a new one, if you have confirmed your address." }
                Field {
                    id: EMAIL_ID, label: "Email", kind: Kind::Email, value: email(), autocomplete: "email", max_len: 254,
                    error: email_problem(&email.read()).filter(|_| checked()).map(ToOwned::to_owned),
                    oninput: move |value| email.set(value),
                }
                Notice { tone: Tone::Calm, text: KEYS }
                if let Some(Err(found)) = outcome() { Notice { tone: Tone::Trouble, text: found.words() } }
                button { class: "button button-primary button-wide", r#type: "submit", "aria-disabled": if busy() { "true" },
                    if busy() { "Sending…" } else { "Send me a link" }
                }
            }
        }
        p { class: "auth-switch",
            button { class: "link", r#type: "button", onclick: move |_| onback.call(()), "Back to the log-in" }
        }
    }
}
