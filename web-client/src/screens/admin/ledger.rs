//! The ledger: what admins have done, for everybody to read.

use dioxus::prelude::*;
use hearth_web_state::admin::{Entry, Ledger, take_page};

use super::{moment::moment, parts::Failed};
use crate::client::Account;

#[component]
pub(super) fn LedgerSection() -> Element {
    let account = use_context::<Account>();
    let mut shown = use_signal(|| None::<Result<Ledger, String>>);
    let load = use_callback(move |from: Option<String>| {
        let account = account.clone();
        spawn(async move {
            let found = account.ledger(from.as_deref()).await;
            take_page(&mut shown.write(), from.as_deref(), found);
        });
    });
    use_hook(move || load.call(None));
    rsx! {
        p { class: "admin-hint",
            "What the people who run this server did to accounts and invites. Everybody who has an account here can read it, and nobody can take anything out of it: each line is a record of the signed log."
        }
        match &*shown.read() {
            None => rsx! { p { class: "admin-hint", role: "status", "Loading the ledger…" } },
            Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| load.call(None) } },
            Some(Ok(ledger)) if ledger.entries.is_empty() => rsx! { p { class: "admin-hint", role: "status", "Nothing yet." } },
            Some(Ok(ledger)) => rsx! {
                ol { class: "admin-list", role: "list", "aria-label": "Ledger",
                    for entry in ledger.entries.clone() { Line { key: "{entry.position}", entry } }
                }
                if let Some(next) = ledger.next.clone() {
                    button { class: "button admin-more", r#type: "button", onclick: move |_| load.call(Some(next.clone())), "Show more" }
                }
            },
        }
    }
}

#[component]
fn Line(entry: Entry) -> Element {
    rsx! {
        li { class: "admin-item admin-entry",
            p { dir: "auto", strong { "{entry.who()}" } " {entry.what()}" }
            p { class: "admin-hint", "{moment(entry.at_ms)} · record {entry.position}" }
        }
    }
}
