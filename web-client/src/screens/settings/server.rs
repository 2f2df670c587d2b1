//! The way to the admin's corner; for everybody else, to the ledger.

use dioxus::prelude::*;

use super::arrival::{Part, use_arrival};
use crate::{
    client::Account,
    screens::workspace::{Desk, View},
};

#[component]
pub(super) fn ServerSection() -> Element {
    let account = use_context::<Account>();
    let mut desk = use_context::<Desk>();
    let is_admin = use_resource(move || {
        let account = account.clone();
        async move { account.is_admin().await }
    });
    use_arrival(Part::Server, move || is_admin.read().is_some());
    let is_admin = matches!(&*is_admin.read(), Some(Ok(true)));
    let (words, action) = if is_admin {
        ("You are an admin: people, invites, how the server does, and the ledger.", "Admin’s corner")
    } else {
        ("What the people who run this server did to accounts and invites.", "Ledger")
    };
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-server",
            h2 { id: "settings-server", "Server" }
            div { class: "settings-line",
                p { "{words}" }
                button { class: "button", r#type: "button", onclick: move |_| desk.go(View::Admin), "{action}" }
            }
        }
    }
}
