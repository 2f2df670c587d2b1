//! The addresses of the account, where the server sends email.

use dioxus::prelude::*;
use hearth_web_state::identifier::email_problem;

use super::{
    arrival::{Part, use_arrival},
    proof::{Proof, use_going},
};
use crate::{
    client::{Account, EmailLine, sends_email},
    components::{
        field::{Field, Kind},
        notice::{Notice, Tone},
    },
};

const FIELD_ID: &str = "settings-email";

/// The addresses, which of them are confirmed, and a way to add one. Nothing where the server sends no email.
#[component]
pub(super) fn EmailSection() -> Element {
    let account = use_context::<Account>();
    let mut sends = use_signal(|| None::<bool>);
    use_future(move || async move { sends.set(Some(sends_email().await)) });
    let mut emails = use_resource(move || {
        let account = account.clone();
        let sends = sends() == Some(true);
        async move { if sends { Some(account.emails().await) } else { None } }
    });
    use_arrival(Part::Emails, move || sends() == Some(false) || matches!(&*emails.read(), Some(Some(_))));
    if sends() != Some(true) {
        return rsx! {};
    }
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-emails",
            h2 { id: "settings-emails", "Email" }
            p { class: "settings-hint", "If you forget your password, a link for a new one goes to an address that you have confirmed. It doesn’t unlock older messages: your recovery key does." }
            match &*emails.read() {
                None | Some(None) => rsx! { p { class: "settings-hint", role: "status", "Loading addresses…" } },
                Some(Some(Err(trouble))) => rsx! {
                    Notice { tone: Tone::Trouble, text: trouble.words(),
                        button { class: "link", r#type: "button", onclick: move |_| emails.restart(), "Try again" }
                    }
                },
                Some(Some(Ok(lines))) => rsx! {
                    ul { class: "devices", role: "list", "aria-label": "Email addresses",
                        for line in lines.iter() {
                            Address { key: "{line.address}", line: line.clone(), onchanged: move |()| emails.restart() }
                        }
                    }
                },
            }
            Addition { onchanged: move |()| emails.restart() }
        }
    }
}

#[component]
fn Address(line: EmailLine, onchanged: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut is_asked = use_signal(|| false);
    let going = use_going();
    let (asking, address) = (account.clone(), line.address.clone());
    let ask = move |_| {
        let (account, address) = (asking.clone(), address.clone());
        spawn(async move { is_asked.set(going.run(async move { account.ask_to_confirm(&address).await }).await) });
    };
    let address = line.address.clone();
    let remove = move |_| {
        let (account, address) = (account.clone(), address.clone());
        spawn(async move {
            if going.run(async move { account.remove_email(&address).await }).await {
                onchanged.call(());
            }
        });
    };
    rsx! {
        li { class: "device",
            div { class: "device-text",
                p { class: "row-name", "{line.address}" }
                p { class: "row-line", if line.is_confirmed { "Confirmed" } else { "Not confirmed, gets no link" } }
            }
            div { class: "button-line",
                if !line.is_confirmed {
                    button { class: "button", r#type: "button", "aria-label": "Confirm {line.address}", disabled: (going.busy)(), onclick: ask, "Confirm" }
                }
                button { class: "button", r#type: "button", "aria-label": "Remove {line.address}", disabled: (going.busy)(), onclick: remove, "Remove" }
            }
            if is_asked() { p { class: "settings-hint", role: "status", "{sent(&line.address)}" } }
            if let Some(found) = (going.trouble)() { Notice { tone: Tone::Trouble, text: found.words() } }
        }
    }
}

/// One more, with the password asked for again.
#[component]
fn Addition(onchanged: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut asking = use_signal(|| false);
    let mut email = use_signal(String::new);
    let mut problem = use_signal(|| None::<&'static str>);
    let mut added = use_signal(|| None::<String>);
    let going = use_going();
    let add = move |password: String| {
        let account = account.clone();
        let address = email.peek().trim().to_owned();
        problem.set(email_problem(&address));
        if problem.peek().is_some() {
            return;
        }
        spawn(async move {
            let adding = address.clone();
            if going.run(async move { account.add_email(&adding, &password).await }).await {
                email.set(String::new());
                asking.set(false);
                added.set(Some(address));
                onchanged.call(());
            }
        });
    };
    rsx! {
        if asking() {
            Proof { id: "email-password", action: "Add address", going, onprove: add, oncancel: move |()| asking.set(false),
                Field { id: FIELD_ID, label: "Email address", kind: Kind::Email, value: email(), autocomplete: "email", max_len: 254,
                    error: problem().map(ToOwned::to_owned),
                    oninput: move |value| { email.set(value); problem.set(None); } }
            }
        } else {
            if let Some(address) = added() { p { class: "settings-hint", role: "status", "{sent(&address)}" } }
            div { class: "button-line",
                button { class: "button", r#type: "button", onclick: move |_| { asking.set(true); added.set(None); }, "Add an address" }
            }
        }
    }
}

fn sent(address: &str) -> String {
    format!("We have sent an email to {address}. Follow its link and press the button there.")
}
