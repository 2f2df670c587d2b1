//! Having the whole log verified.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::admin::{State, Verification};

use super::moment::moment;
use crate::{
    client::Account,
    components::notice::{Notice, Tone},
};

/// How often it is asked how far it is.
const ASK_EVERY_MS: u32 = 1_000;

#[component]
pub(super) fn Verify() -> Element {
    let account = use_context::<Account>();
    // How often it was asked for here.
    let mut begun = use_signal(|| 0_u32);
    let mut standing = use_signal(|| None::<Result<Verification, String>>);
    let _following = use_resource(move || {
        let (account, mut begins) = (account.clone(), begun() > 0);
        async move {
            loop {
                let now = account.verification(begins).await;
                let goes_on = matches!(&now, Ok(now) if now.state == State::Running);
                standing.set(Some(now));
                if !goes_on {
                    return;
                }
                begins = false;
                TimeoutFuture::new(ASK_EVERY_MS).await;
            }
        }
    });
    let now = standing.read();
    let running = matches!(&*now, Some(Ok(now)) if now.state == State::Running);
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-verify",
            h2 { id: "admin-verify", "Verify" }
            p { class: "admin-hint", "Checks every signature, the chain and the checkpoints from the first record on. The server goes on meanwhile." }
            match &*now {
                Some(Ok(now)) => rsx! { Told { now: now.clone() } },
                Some(Err(words)) => rsx! { Notice { tone: Tone::Trouble, text: words.clone() } },
                None => rsx! {},
            }
            div { class: "button-line",
                button { class: "button", r#type: "button", disabled: running, onclick: move |_| begun += 1,
                    if running { "Verifying…" } else { "Verify now" }
                }
            }
        }
    }
}

#[component]
fn Told(now: Verification) -> Element {
    let Some(words) = now.words() else { return rsx! {} };
    let text = now.ended_at_ms.map_or_else(|| words.clone(), |at_ms| format!("{words} ({})", moment(at_ms)));
    match now.state {
        State::Running => rsx! {
            progress { class: "admin-progress", max: "{now.records_total.unwrap_or(1)}", value: "{now.records}", "aria-label": "Verifying the log" }
            p { class: "admin-hint", "{words}" }
        },
        State::Damaged | State::Failed => rsx! { Notice { tone: Tone::Trouble, text } },
        State::None | State::Ok => rsx! { Notice { tone: Tone::Calm, text } },
    }
}
