//! Invites: making one, seeing what became of them, and taking one back.

use dioxus::prelude::*;
use hearth_web_state::admin::{Invite, Invites, MadeLink, short};

use super::{
    link::LinkBox,
    moment::moment,
    parts::{Failed, ask},
};
use crate::{
    browser,
    client::Account,
    components::{
        field::Field,
        notice::{Notice, Tone},
    },
};

const REVOKE_ID: &str = "admin-revoke";
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long an invite may count, days and how that is called.
const TIMES: [(u64, &str); 4] = [(1, "A day"), (7, "A week"), (28, "4 weeks"), (365, "A year")];
/// For so many people one invite can be, as the server has it.
const USES_MAX: u32 = 1_000;

#[component]
pub(super) fn InviteSection() -> Element {
    let account = use_context::<Account>();
    let mut listed = use_resource(move || {
        let account = account.clone();
        async move { account.invites().await.map(Invites::in_order) }
    });
    let mut revoked = use_signal(|| None::<Invite>);
    rsx! {
        NewInvite { onmade: move |()| listed.restart() }
        section { class: "admin-section", "aria-labelledby": "admin-invites",
            h2 { id: "admin-invites", "Invites" }
            match &*listed.read() {
                None => rsx! { p { class: "admin-hint", role: "status", "Loading invites…" } },
                Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| listed.restart() } },
                Some(Ok(invites)) if invites.is_empty() => rsx! { p { class: "admin-hint", "There are none." } },
                Some(Ok(invites)) => rsx! {
                    ul { class: "admin-list", role: "list", "aria-label": "Invites",
                        for invite in invites.clone() {
                            Line { key: "{invite.id}", invite, onrevoke: move |invite| { revoked.set(Some(invite)); ask(REVOKE_ID); } }
                        }
                    }
                },
            }
        }
        Revoke { invite: revoked, ondone: move |()| listed.restart() }
    }
}

#[component]
fn Line(invite: Invite, onrevoke: EventHandler<Invite>) -> Element {
    let until = moment(invite.expires_at_ms);
    let by = short(&invite.by).to_owned();
    rsx! {
        li { class: "admin-item admin-line",
            div { class: "row-text",
                p { class: "row-name", dir: "auto", "{invite.name()}" }
                p { class: "row-line",
                    "{invite.used()} · "
                    if invite.is_open { "until {until}" } else { "over" }
                    " · by {by}"
                }
            }
            button { class: "button", r#type: "button", "aria-label": "Take back {invite.name()}", onclick: move |_| onrevoke.call(invite.clone()),
                if invite.is_open { "Take back…" } else { "Remove…" }
            }
        }
    }
}

#[component]
fn NewInvite(onmade: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut note = use_signal(String::new);
    let mut uses = use_signal(|| "1".to_owned());
    let mut days = use_signal(|| 7_u64);
    let mut busy = use_signal(|| false);
    let mut made = use_signal(|| None::<Result<MadeLink, String>>);
    let number = uses().trim().parse::<u32>().ok().filter(|uses| (1..=USES_MAX).contains(uses));
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let (Some(number), false) = (number, busy()) else { return };
        busy.set(true);
        let account = account.clone();
        spawn(async move {
            let answer = account.make_invite(&note.peek().clone(), number, days() * DAY_MS).await;
            if answer.is_ok() {
                note.set(String::new());
                onmade.call(());
            }
            made.set(Some(answer));
            busy.set(false);
        });
    };
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-new-invite",
            h2 { id: "admin-new-invite", "New invite" }
            p { class: "admin-hint", "Whoever has the link can sign up with it." }
            form { class: "admin-form", onsubmit: submit,
                Field { id: "admin-note", label: "Note", optional: true, value: note(), max_len: 200, autocomplete: "off",
                    hint: "What it is for. Only admins read it.".to_owned(), oninput: move |value| note.set(value) }
                div { class: "admin-pair",
                    Field { id: "admin-uses", label: "For how many people", value: uses(), max_len: 4, autocomplete: "off",
                        error: number.is_none().then(|| "A number from 1 to 1000.".to_owned()),
                        oninput: move |value| uses.set(value) }
                    div { class: "field",
                        label { class: "field-label", r#for: "admin-days", "Counts for" }
                        select { id: "admin-days", class: "field-input",
                            onchange: move |event| days.set(event.value().parse().unwrap_or(7)),
                            for (count, name) in TIMES {
                                option { value: "{count}", selected: days() == count, "{name}" }
                            }
                        }
                    }
                }
                div { class: "button-line",
                    button { class: "button button-primary", r#type: "submit", disabled: busy() || number.is_none(), "Make invite" }
                }
            }
            match made() {
                Some(Ok(made)) => rsx! { LinkBox { key: "{made.link}", made, name: "Invite link" } },
                Some(Err(words)) => rsx! { Notice { tone: Tone::Trouble, text: words } },
                None => rsx! {},
            }
        }
    }
}

/// The question before an invite is taken back.
#[component]
fn Revoke(invite: Signal<Option<Invite>>, ondone: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut trouble = use_signal(|| None::<String>);
    let mut busy = use_signal(|| false);
    let revoke = move |_| {
        let Some(id) = invite.peek().as_ref().map(|invite| invite.id.clone()) else { return };
        let account = account.clone();
        busy.set(true);
        spawn(async move {
            let revoked = account.revoke_invite(&id).await;
            busy.set(false);
            match revoked {
                Ok(()) => {
                    trouble.set(None);
                    browser::close_dialog();
                    ondone.call(());
                }
                Err(words) => trouble.set(Some(words)),
            }
        });
    };
    let name = invite.read().as_ref().map(|invite| invite.name().to_owned()).unwrap_or_default();
    rsx! {
        dialog { id: REVOKE_ID, class: "dialog", "aria-labelledby": "admin-revoke-title", "aria-describedby": "admin-revoke-text",
            oncancel: move |_| trouble.set(None),
            form { method: "dialog", class: "dialog-body",
                h2 { id: "admin-revoke-title", "Take this invite back?" }
                p { id: "admin-revoke-text", "“{name}”: nobody signs up with its link any more. Accounts that were made with it stay." }
                if let Some(words) = trouble() { Notice { tone: Tone::Trouble, text: words } }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", onclick: move |_| trouble.set(None), "Cancel" }
                    button { class: "button button-danger", r#type: "button", disabled: busy(), onclick: revoke, "Take back" }
                }
            }
        }
    }
}
