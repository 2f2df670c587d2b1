//! What a person is told, and what has to be so, before an account is opened in this browser.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    components::notice::{Notice, Tone},
    screens::standstill::CLEARS_SLOWLY,
    shell::Shell,
};

const NOT_SECURE: &str = "This address isn’t secure: whoever is between you and the server can change this page and read what you \
    write. Browsers allow no calls here either. Ask the person who runs the server for an address that begins with https.";

const UNREACHED: &str = "You are logged out here, but the server hasn’t heard of it. It still lists this browser among your \
    devices: log in and remove it in Settings.";

/// What is to be known before anything is typed.
#[component]
pub(super) fn Beforehand() -> Element {
    let shell = use_context::<Shell>();
    rsx! {
        if !browser::is_secure() { Notice { tone: Tone::Trouble, text: NOT_SECURE } }
        if (shell.clears_slowly)() { Notice { tone: Tone::Calm, text: CLEARS_SLOWLY } }
        if shell.boot.read().unreached { Notice { tone: Tone::Trouble, text: UNREACHED } }
    }
}

/// What has to be so before anything is sent: an account whose keys no browser keeps would be lost at once.
pub(super) async fn is_ready() -> Result<(), Trouble> {
    // What was forgotten would otherwise be forgotten of the new session.
    browser::wait_for_wipe().await;
    if browser::can_keep().await { Ok(()) } else { Err(Trouble::NoStorage) }
}

/// Submits at once what was submitted to the static form before the program arrived.
pub(super) fn use_submit_of_boot(shell: Shell, submit: Callback<()>) {
    use_effect(move || {
        let mut boot = shell.boot;
        if boot.peek().submitted {
            boot.write().submitted = false;
            submit.call(());
        }
    });
}

/// Moves the focus to the field that had it in the static form.
pub(super) fn use_focus_of_boot(shell: Shell) {
    use_hook(move || {
        let mut boot = shell.boot;
        if let Some(field) = boot.write().focused.take() {
            spawn(async move { browser::focus(&field) });
        }
    });
}
