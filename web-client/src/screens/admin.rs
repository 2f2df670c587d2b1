//! The admin's corner: people, invites, how the server does, its log, and the ledger of what admins have done. Everybody else who comes
//! here finds the ledger alone. It is a part of its own: most people never open it.

mod erasure;
mod invites;
mod ledger;
mod link;
mod log;
mod moment;
mod parts;
mod people;
mod person;
mod question;
mod records;
mod server;
mod tabs;
mod verify;

use dioxus::prelude::*;

use crate::{
    client::Account,
    components::icon::{Icon, Shape},
    later::later,
    screens::workspace::{Desk, View},
};
use ledger::LedgerSection;
use parts::Failed;
use tabs::Sections;

later! {
    /// The whole pane.
    AdminPane(()) of admin by load_admin, Pane: |()| Admin()
}

#[component]
fn Admin() -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let mut is_admin = use_resource(move || {
        let account = account.clone();
        async move { account.is_admin().await }
    });
    let known = is_admin.read();
    let title = if matches!(&*known, Some(Ok(true))) { "Admin’s corner" } else { "Ledger" };
    rsx! {
        main { class: "admin", "aria-labelledby": "admin-title",
            header { class: "pane-head",
                button { class: "icon-button", r#type: "button", "aria-label": "Back to settings", onclick: move |_| desk.go(View::Settings),
                    Icon { shape: Shape::Back }
                }
                h1 { id: "admin-title", class: "pane-title", "{title}" }
            }
            match &*known {
                None => rsx! { p { class: "admin-wait", role: "status", "Loading…" } },
                Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| is_admin.restart() } },
                Some(Ok(true)) => rsx! { Sections { onlost: move |()| is_admin.restart() } },
                Some(Ok(false)) => rsx! { div { class: "admin-body", LedgerSection {} } },
            }
        }
    }
}
