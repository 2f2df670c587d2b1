//! The whole page: what is shown in each of its phases. The phases are in `shell`.

use dioxus::prelude::*;
use futures_util::StreamExt;

use crate::{
    browser::{self, PageEvent},
    client::Session,
    components::composer::COMPOSER_ID,
    screens::{
        auth::Auth,
        standstill::{Elsewhere, Failed, Starting},
        workspace::Workspace,
    },
    shell::{FreshKey, Phase, Shell, start},
};

/// The root component.
#[component]
pub(crate) fn App() -> Element {
    let shell = use_context_provider(|| Shell {
        phase: Signal::new(if Session::load().is_some() { Phase::Starting } else { Phase::SignedOut }),
        fresh_key: Signal::new(FreshKey::None),
        boot: Signal::new(browser::take_boot().unwrap_or_default()),
    });
    use_effect(move || {
        browser::remove_boot();
        browser::keep_fit(COMPOSER_ID);
        spawn(start(shell));
        spawn(follow_other_tabs(shell));
    });
    match (shell.phase)() {
        Phase::Starting => rsx! { Starting {} },
        Phase::SignedOut => rsx! { Auth {} },
        Phase::Elsewhere => rsx! { Elsewhere {} },
        Phase::Failed(trouble) => rsx! { Failed { trouble } },
        Phase::Open(account) => rsx! { Workspace { account } },
    }
}

/// When another tab logs in or out, this one starts over.
async fn follow_other_tabs(shell: Shell) {
    let mut events = browser::page_events();
    while let Some(event) = events.next().await {
        if event == PageEvent::SessionChanged {
            let logged_in = Session::load().is_some();
            if logged_in == (*shell.phase.peek() == Phase::SignedOut) {
                browser::reload();
            }
        }
    }
}
