//! What has become of a closed account: whether it is erased, how far that is, and the receipt.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::admin::{Act, Erasure, ErasureState, Person, short};

use super::parts::Failed;
use crate::{browser, client::Account};

/// How often it is asked how far it is.
const ASK_EVERY_MS: u32 = 2_000;

#[component]
pub(super) fn ErasureFacts(person: Person, acts: Signal<u32>, onask: EventHandler<(Act, Person)>) -> Element {
    let account = use_context::<Account>();
    let mut standing = use_signal(|| None::<Result<Erasure, String>>);
    let asked = person.user_id.clone();
    let mut following = use_resource(move || {
        let (account, user_id) = (account.clone(), asked.clone());
        // Something may have been done to it.
        acts();
        async move {
            loop {
                let now = account.erasure(&user_id).await;
                let goes_on = matches!(&now, Ok(now) if now.state.goes_on());
                standing.set(Some(now));
                if !goes_on {
                    return;
                }
                TimeoutFuture::new(ASK_EVERY_MS).await;
            }
        }
    });
    let name = format!("{}-receipt.json", short(&person.user_id));
    match &*standing.read() {
        None => rsx! { p { class: "admin-hint", role: "status", "Loading…" } },
        Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| following.restart() } },
        Some(Ok(Erasure { state, receipt })) => rsx! {
            p { class: "admin-hint", role: "status", "{state.words()}" }
            div { class: "button-line",
                if *state == ErasureState::None {
                    button { class: "button button-leave", r#type: "button", onclick: move |_| onask.call((Act::Erase, person.clone())), "Erase…" }
                }
                if let Some(receipt) = receipt.clone() {
                    SaveReceipt { name, receipt }
                }
            }
        },
    }
}

#[component]
fn SaveReceipt(name: String, receipt: String) -> Element {
    rsx! {
        button { class: "button", r#type: "button", onclick: move |_| { browser::download(&name, &receipt); }, "Save receipt" }
    }
}
