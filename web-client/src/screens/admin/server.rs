//! How the server does: what it has found out about itself, what takes how much, its backups and its version.

use dioxus::prelude::*;
use hearth_web_state::{
    admin::{Backups, Finding, Growth, Server, growth},
    files::size_in_words,
};

use super::{
    moment::moment,
    parts::{Fact, Failed},
};
use crate::client::{Account, Answered};

#[component]
pub(super) fn ServerSection() -> Element {
    let account = use_context::<Account>();
    let mut found = use_resource(move || {
        let account = account.clone();
        async move { look(&account).await }
    });
    match &*found.read() {
        None => rsx! { p { class: "admin-hint", role: "status", "Looking at the server…" } },
        Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| found.restart() } },
        Some(Ok((server, pace))) => rsx! {
            Health { server: server.clone(), onagain: move |()| found.restart() }
            Sizes { server: server.clone(), pace: *pace }
            section { class: "admin-section", "aria-labelledby": "admin-backups",
                h2 { id: "admin-backups", "Backups" }
                match server.backups {
                    Some(backups) => rsx! { BackupFacts { backups } },
                    None => rsx! {
                        p { class: "admin-hint", "The server makes none by itself. Set backup.folder (HEARTH_BACKUP_FOLDER) on the server, best to another disk." }
                    },
                }
            }
            section { class: "admin-section", "aria-labelledby": "admin-version",
                h2 { id: "admin-version", "Version" }
                dl { class: "admin-facts",
                    Fact { name: "Hearth", value: server.version.clone() }
                    Fact { name: "Running since", value: moment(server.started_at_ms) }
                }
            }
        },
    }
}

async fn look(account: &Account) -> Answered<(Server, Option<Growth>)> {
    let server = account.server().await?;
    // Without it everything else is shown all the same.
    let pace = account.log().await.ok().and_then(|log| growth(&log, &server.storage));
    Ok((server, pace))
}

#[component]
fn Health(server: Server, onagain: EventHandler<()>) -> Element {
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-health",
            div { class: "admin-line",
                h2 { id: "admin-health", "Health" }
                button { class: "button", r#type: "button", onclick: move |_| onagain.call(()), "Look again" }
            }
            p { role: "status", "{server.summary()}" }
            ul { class: "admin-list", role: "list", "aria-label": "Checks",
                for (place, finding) in server.findings_in_order().into_iter().enumerate() { Check { key: "{place}", finding } }
            }
        }
    }
}

#[component]
fn Check(finding: Finding) -> Element {
    let word = finding.outcome.word();
    rsx! {
        li { class: "admin-item admin-check-line",
            span { class: "admin-mark", "data-mark": word, "{word}" }
            div {
                p { strong { "{finding.check}" } " {finding.found}" }
                if let Some(fix) = &finding.fix { p { class: "admin-hint", "{fix}" } }
            }
        }
    }
}

#[component]
fn Sizes(server: Server, pace: Option<Growth>) -> Element {
    let storage = server.storage;
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-storage",
            h2 { id: "admin-storage", "Storage" }
            dl { class: "admin-facts",
                Fact { name: "Log", value: size_in_words(storage.log_bytes) }
                Fact { name: "Folded from it", value: size_in_words(storage.views_bytes) }
                Fact { name: "Files of people", value: size_in_words(server.media_bytes) }
                if let Some(free) = storage.disk_free_bytes { Fact { name: "Free on the disk", value: size_in_words(free) } }
                Fact { name: "Growth of the log", value: pace.map_or_else(|| "Too early to say".to_owned(), |pace| pace.words()) }
            }
        }
    }
}

#[component]
fn BackupFacts(backups: Backups) -> Element {
    let last = backups.last_at_ms.map_or_else(|| "None yet".to_owned(), moment);
    let proved = match backups.rehearsal {
        None => "Not yet: a rehearsal restores the newest one".to_owned(),
        Some(rehearsal) if rehearsal.has_passed => format!("{}, restored in a rehearsal", moment(rehearsal.at_ms)),
        Some(rehearsal) => format!("The rehearsal failed ({}); the server’s own output says why", moment(rehearsal.at_ms)),
    };
    rsx! {
        dl { class: "admin-facts",
            Fact { name: "How often", value: backups.how_often() }
            Fact { name: "Newest", value: last }
            if let Some(size) = backups.size() { Fact { name: "Takes", value: size } }
            Fact { name: "Last proved", value: proved }
        }
        if backups.has_failed {
            p { class: "admin-bad", role: "alert", "The last try failed. The server tries again in an hour, and its own output says why." }
        }
    }
}
