//! Following the log: what kinds of records are written, as they are.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::admin::Record;

use crate::{
    browser,
    client::Account,
    components::notice::{Notice, Tone},
};

/// How often the server is asked for more.
const ASK_EVERY_MS: u32 = 2_000;
/// So many are shown.
const SHOWN_MAX: usize = 50;

#[component]
pub(super) fn Follow() -> Element {
    let account = use_context::<Account>();
    let mut follows = use_signal(|| false);
    let mut shown = use_signal(Vec::<Record>::new);
    let mut trouble = use_signal(|| None::<String>);
    let _following = use_resource(move || {
        let (account, follows) = (account.clone(), follows());
        async move {
            if !follows {
                return;
            }
            loop {
                let after = shown.peek().first().map(|record| record.position);
                match account.records(after).await {
                    Ok(found) => {
                        trouble.set(None);
                        put_first(&mut shown.write(), found.records);
                    }
                    Err(words) => trouble.set(Some(words)),
                }
                TimeoutFuture::new(ASK_EVERY_MS).await;
            }
        }
    });
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-follow",
            h2 { id: "admin-follow", "Live" }
            p { class: "admin-hint", "What kind of record is written, and when. What it says and whom it is about is not shown." }
            div { class: "button-line",
                button { class: "button", r#type: "button", onclick: move |_| follows.toggle(),
                    if follows() { "Stop following" } else { "Follow" }
                }
            }
            if let Some(words) = trouble() { Notice { tone: Tone::Trouble, text: words } }
            if !shown.read().is_empty() {
                div { class: "admin-records", role: "log", "aria-label": "Newest records", tabindex: 0,
                    ol { role: "list",
                        for record in shown() {
                            li { key: "{record.position}",
                                span { "{record.position}" }
                                code { "{record.kind}" }
                                span { "{browser::local_time(record.at_ms).time()}" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The newest first, and no more than are shown.
fn put_first(shown: &mut Vec<Record>, newer: Vec<Record>) {
    shown.splice(0..0, newer.into_iter().rev());
    shown.truncate(SHOWN_MAX);
}
