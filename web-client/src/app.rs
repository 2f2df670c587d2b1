//! The whole page: what is shown where the session stands. What follows from what is in `shell`.

use dioxus::prelude::*;
use futures_util::StreamExt;
use hearth_web_state::session::{Input, Place, Wait};

use crate::{
    browser::{self, PageEvent},
    client::Session,
    components::composer::COMPOSER_ID,
    screens::{
        auth::Auth,
        lost::LostScreen,
        reset::ResetScreen,
        standstill::{Elsewhere, Failed, Starting},
        workspace::Workspace,
    },
    shell::Shell,
};

/// The root component.
#[component]
pub(crate) fn App() -> Element {
    let shell = use_context_provider(Shell::new);
    let was_logged_in = use_hook(|| Session::kept().is_some());
    use_effect(move || {
        browser::remove_boot();
        browser::keep_fit(COMPOSER_ID);
        spawn(shell.start());
        spawn(follow_other_tabs(shell));
    });
    // Whoever is logged in here may have forgotten the password all the same.
    if shell.boot.read().reset.is_some() {
        return rsx! { ResetScreen {} };
    }
    let machine = shell.machine.read();
    match (machine.place(), (shell.account)()) {
        // One arm for both: what has been typed stays when the last log-out is finished.
        (Place::Clearing | Place::SignedOut, _) if !was_logged_in || *machine.place() == Place::SignedOut => {
            rsx! { Auth {} }
        }
        (Place::Waiting(Wait::Long | Wait::Asked), _) => rsx! { Elsewhere {} },
        (Place::Failed(trouble), _) => rsx! { Failed { trouble: *trouble } },
        (Place::Lost { is_soft }, _) => rsx! { LostScreen { is_soft: *is_soft } },
        (Place::Open | Place::HandingOver | Place::LoggingOut, Some(account)) => rsx! { Workspace { account } },
        _ => rsx! { Starting {} },
    }
}

/// When another tab logs in or out, this one follows.
async fn follow_other_tabs(shell: Shell) {
    let mut events = browser::page_events();
    while let Some(event) = events.next().await {
        if event == PageEvent::SessionChanged {
            shell.step(Input::StorageChanged { kept: Session::kept() });
        }
    }
}
