//! From the lead to the open account.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{session::Input, trouble::Trouble};

use super::{Entry, FreshKey, KEY_REMINDER, Shell};
use crate::{
    browser,
    client::{Account, Session},
};

impl Shell {
    /// Opens the databases. Files of an earlier page are nobody's any more: this tab is the only one that goes on.
    pub(super) async fn open(mut self) {
        let Some(session) = Session::load() else { return browser::reload() };
        let (opened, ()) = futures_util::join!(Account::open(session), browser::files::clear_disk());
        let account = match opened {
            Ok(account) => account,
            Err(trouble) => return self.step(Input::OpenFailed(trouble)),
        };
        let entry = std::mem::replace(&mut *self.entry.write(), Entry::Returned);
        if let Entry::SignedUp { display_name, password } = entry {
            self.protect(&account, &display_name, &password).await;
        }
        self.account.set(Some(account));
        self.step(Input::Opened);
        browser::ask_quietly_for_persistence().await;
    }

    /// Gives a new account its keys. A failure stops nothing: the reminder stays and the key can be made later.
    async fn protect(self, account: &Account, display_name: &str, password: &str) {
        let mut fresh_key = self.fresh_key;
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
        spawn_forever(make_key(account.clone(), identity, fresh_key));
    }
}

async fn make_key(account: Account, identity: Result<(), Trouble>, mut fresh_key: Signal<FreshKey>) {
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
}
