//! Shows the tabs that follow what this one has.

use dioxus::prelude::*;
use hearth_web_state::{
    call::{CallView, Phase},
    follow::{Board, CallElsewhere},
};

use super::{Desk, set_if_new};
use crate::{
    call::Calls,
    client::{Account, Leading},
    screens::verification::Comparing,
    shell::Shell,
};

/// Leads for as long as the workspace is there; to be used once.
pub(super) fn use_leading(account: &Account, desk: Desk, comparing: &Comparing, calls: &Calls) {
    let mut shell = use_context::<Shell>();
    let shown = Shown { desk, comparing: comparing.clone(), calls: calls.clone() };
    let first = shown.clone();
    let leading = use_hook(|| {
        let (leading, said) = Leading::new(account.clone())?;
        let leads = leading.clone();
        spawn(async move {
            let before = shell.led.take();
            let report = |is_attended| set_if_new(desk.attended_elsewhere, is_attended);
            leads.lead(said, before, || first.board(), report).await;
        });
        Some(leading)
    });
    use_effect(move || {
        shown.follow();
        // Without anybody to see it, none is made.
        if let Some(leading) = leading.as_ref().filter(|leading| leading.is_followed()) {
            leading.show(shown.board());
        }
    });
}

/// What followers are shown.
#[derive(Clone)]
struct Shown {
    desk: Desk,
    comparing: Comparing,
    calls: Calls,
}

impl Shown {
    /// Has whoever calls this be called again when something of it changes.
    fn follow(&self) {
        let Self { desk, comparing, calls } = self;
        let _ = (desk.chats.read(), (desk.connection)(), (desk.confirmation)(), desk.profile.read());
        let _ = (comparing.doubts.read(), calls.view.read());
    }

    fn board(&self) -> Board {
        let Self { desk, comparing, calls } = self;
        Board {
            chats: desk.chats.read().clone(),
            connection: (desk.connection)(),
            confirmation: (desk.confirmation)(),
            name: desk.profile.read().as_ref().map(|profile| profile.name.clone()),
            doubts: comparing.doubts.read().to_text(),
            call: calls.view.read().as_ref().map(call_elsewhere).unwrap_or_default(),
        }
    }
}

fn call_elsewhere(view: &CallView) -> CallElsewhere {
    match view.phase {
        Phase::Ringing => CallElsewhere::Rings(view.chat.name.clone()),
        Phase::Ended(_) => CallElsewhere::None,
        Phase::Preparing | Phase::Calling | Phase::Connecting | Phase::Connected | Phase::Reconnecting => {
            CallElsewhere::GoesOn
        }
    }
}
