//! The ways from one phase of the page to the next: in by a session, over to this tab, and out.

use dioxus::{core::spawn_forever, prelude::*};
use futures_util::future::Either;
use gloo_timers::future::TimeoutFuture;

use super::{Entry, FreshKey, KEY_REMINDER, Phase, Shell};
use crate::{
    browser,
    client::{Account, Session},
};

/// How long another tab may take to let go of the lead, as it does while it reloads.
const LEAD_PATIENCE_MS: u32 = 1_500;

/// Says to the page about to load that it is to take the lead from another tab.
const TAKE_LEAD: &str = "hearth.take-lead";

/// Opens the account of the session that was kept, if one was.
pub(crate) async fn start(shell: Shell) {
    browser::wait_for_wipe().await;
    if let Some(session) = Session::load() {
        let steal = browser::stored(TAKE_LEAD).is_some();
        browser::unstore(TAKE_LEAD);
        enter(shell, session, Entry::Returned, steal).await;
    } else {
        // Whoever has logged out leaves no file behind.
        browser::files::clear_disk().await;
    }
}

/// Starts over as the leading tab. Afresh, because nothing of an earlier lead may still hold the databases.
pub(crate) fn take_lead_and_reload() {
    browser::store(TAKE_LEAD, "1");
    browser::reload();
}

/// From a session to the open account. `steal` takes the lead from another tab.
pub(crate) async fn enter(shell: Shell, session: Session, entry: Entry, steal: bool) {
    let mut phase = shell.phase;
    if let Err(trouble) = session.save() {
        phase.set(Phase::Failed(trouble));
        return;
    }
    let lead = browser::lead(steal || entry != Entry::Returned);
    let patience = TimeoutFuture::new(LEAD_PATIENCE_MS);
    match futures_util::future::select(lead.granted, patience).await {
        Either::Left(_) => {}
        Either::Right(((), granted)) => {
            phase.set(Phase::Elsewhere);
            // The other tab may close; the lead then comes by itself.
            if granted.await.is_err() {
                return;
            }
            phase.set(Phase::Starting);
        }
    }
    // Files of an earlier page are nobody's any more: this tab is the only one that goes on.
    let (opened, ()) = futures_util::join!(Account::open(session), browser::files::clear_disk());
    let account = match opened {
        Ok(account) => account,
        Err(trouble) => {
            phase.set(Phase::Failed(trouble));
            return;
        }
    };
    if let Entry::SignedUp { display_name, password } = entry {
        protect(shell, &account, &display_name, &password).await;
    }
    phase.set(Phase::Open(account.clone()));
    browser::keep_program();
    // Not a task of the screen that called this: that screen is about to go.
    spawn_forever(async move {
        if lead.lost.await.is_ok() {
            account.pause().await;
            phase.set(Phase::Elsewhere);
        }
    });
}

/// Gives a new account its keys. A failure stops nothing: the reminder stays and the key can be made later.
async fn protect(shell: Shell, account: &Account, display_name: &str, password: &str) {
    let mut fresh_key = shell.fresh_key;
    fresh_key.set(FreshKey::Making);
    browser::store(KEY_REMINDER, "1");
    let name = async {
        // The server has called the account after its username already.
        if display_name.trim().is_empty() { Ok(()) } else { account.set_name(display_name).await }
    };
    let (identity, named) = futures_util::join!(account.set_up_identity(Some(password)), name);
    if let Err(trouble) = named {
        browser::warn(&format!("setting the display name: {trouble:?}"));
    }
    let account = account.clone();
    spawn_forever(async move {
        let made = match identity {
            Ok(()) => account.enable_recovery().await,
            Err(trouble) => Err(trouble),
        };
        // Whoever did not wait for it is reminded, not interrupted.
        if *fresh_key.peek() == FreshKey::Making {
            fresh_key.set(match made {
                Ok(key) => FreshKey::Ready(key),
                Err(trouble) => FreshKey::Failed(trouble),
            });
        }
        browser::ask_for_persistence().await;
    });
}

/// Logs out: ends the session on the server, then forgets everything here, whatever the server said.
pub(crate) async fn leave(account: Account) {
    account.finish_backup(3_000).await;
    if let Err(trouble) = account.log_out().await {
        browser::warn(&format!("the server was not told of the log-out: {trouble:?}"));
    }
    browser::wipe_and_leave("asked");
}
