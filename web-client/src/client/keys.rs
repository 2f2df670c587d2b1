//! Cross-signing, key backup and the recovery key.
//!
//! All three are set up silently at sign-up: a person only ever meets the recovery key, and may skip even that.

use futures_util::StreamExt;
use hearth_web_state::trouble::Trouble;
use matrix_sdk::{
    encryption::{CrossSigningResetAuthType, recovery::RecoveryState, secret_storage::SecretStorage},
    ruma::{
        UserId,
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
        events::secret_storage::default_key::SecretStorageDefaultKeyEventContent,
    },
};

use super::{
    Account,
    trouble::{of_recovery, of_sdk, of_secret_storage},
};
use crate::browser;

/// How well this device's keys are kept for a rainy day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Not known yet.
    #[default]
    Unknown,
    /// The backup runs and this device holds all secrets.
    On,
    /// Nothing is set up: losing this browser loses the history.
    Off,
    /// A backup exists, but this device needs the recovery key to use it.
    Locked,
}

/// A recovery key just made.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewKey {
    /// What the person keeps.
    pub(crate) key: String,
    /// Whether it is the recovery key already; else the old one is, until the new one is confirmed.
    pub(crate) is_used: bool,
    id: String,
}

impl Account {
    /// Sets up cross-signing; the password is asked for only by servers that want it for the first upload too.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn set_up_identity(&self, password: Option<&str>) -> Result<(), Trouble> {
        let encryption = self.client.encryption();
        let Err(error) = encryption.bootstrap_cross_signing_if_needed(None).await else { return Ok(()) };
        let (Some(uiaa), Some(password), Some(user_id)) = (error.as_uiaa_response(), password, self.client.user_id()) else {
            return Err(of_sdk(&error));
        };
        let mut auth = Password::new(matrix_user(user_id), password.to_owned());
        auth.session.clone_from(&uiaa.session);
        encryption.bootstrap_cross_signing(Some(AuthData::Password(auth))).await.map_err(|error| of_sdk(&error))
    }

    /// Turns the key backup on and returns the recovery key, which is kept nowhere else.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn enable_recovery(&self) -> Result<String, Trouble> {
        self.client.encryption().recovery().enable().await.map_err(|error| {
            browser::warn(&format!("turning the key backup on: {error}"));
            of_recovery(&error)
        })
    }

    /// Makes a new recovery key beside the one there is, which goes on working until [`Account::use_recovery_key`]. The
    /// first one is used at once.
    ///
    /// # Errors
    /// What the server refused. The old key works then as before.
    pub(crate) async fn make_recovery_key(&self) -> Result<NewKey, Trouble> {
        let encryption = self.client.encryption();
        if encryption.recovery().state() == RecoveryState::Disabled {
            return Ok(NewKey { key: self.enable_recovery().await?, id: String::new(), is_used: true });
        }
        let storage = encryption.secret_storage();
        let old = default_key(&storage).await?;
        // Every secret is encrypted for the new key in addition, and the name of the key to ask for is set last.
        let store = storage.create_secret_store().await.map_err(|error| of_secret_storage(&error))?;
        let id = default_key(&storage).await?.unwrap_or_default();
        let is_used = match old {
            Some(old) => self.set_default_key(old).await.is_err(),
            None => true,
        };
        Ok(NewKey { key: store.secret_storage_key(), id, is_used })
    }

    /// From now on the new key is the recovery key, and the old one works no more.
    ///
    /// # Errors
    /// What the server refused; the old key is the recovery key then as before.
    pub(crate) async fn use_recovery_key(&self, new: &NewKey) -> Result<(), Trouble> {
        if new.is_used { Ok(()) } else { self.set_default_key(new.id.clone()).await }
    }

    async fn set_default_key(&self, id: String) -> Result<(), Trouble> {
        let content = SecretStorageDefaultKeyEventContent::new(id);
        self.client.account().set_account_data(content).await.map(|_| ()).map_err(|error| of_sdk(&error))
    }

    /// Unlocks this device with the recovery key: it becomes confirmed, and older messages decrypt.
    ///
    /// # Errors
    /// [`Trouble::WrongRecoveryKey`] when the key does not fit.
    pub(crate) async fn unlock(&self, recovery_key: &str) -> Result<(), Trouble> {
        self.client.encryption().recovery().recover(recovery_key.trim()).await.map_err(|error| of_recovery(&error))
    }

    /// Reports how well the keys are kept, now and on every change, for as long as it is polled. Once this device can
    /// open the backup, by the recovery key or by another device, what is kept of every chat is fetched.
    pub(crate) async fn watch_protection(&self, mut report: impl FnMut(Protection)) {
        let recovery = self.client.encryption().recovery();
        let mut states = Box::pin(recovery.state_stream());
        let mut was_locked = false;
        let mut now = self.protection(recovery.state()).await;
        loop {
            report(now);
            was_locked |= now == Protection::Locked;
            if was_locked && now == Protection::On {
                was_locked = false;
                self.fetch_kept_keys().await;
            }
            let Some(state) = states.next().await else { return };
            now = self.protection(state).await;
        }
    }

    /// The library asks the server while it looks, and of two looks the one that began first may be told last: then it says that secrets are
    /// missing which have come meanwhile. Whether this device has them is known here.
    async fn protection(&self, state: RecoveryState) -> Protection {
        let told = to_protection(state);
        if told != Protection::Locked {
            return told;
        }
        let encryption = self.client.encryption();
        let has_identity = encryption.cross_signing_status().await.is_some_and(|status| status.is_complete());
        if has_identity && encryption.backups().are_enabled().await { Protection::On } else { Protection::Locked }
    }

    async fn fetch_kept_keys(&self) {
        let backups = self.client.encryption().backups();
        for room in self.client.joined_rooms() {
            if let Err(error) = backups.download_room_keys_for_room(room.room_id()).await {
                browser::warn(&format!("fetching kept keys: {error}"));
            }
        }
    }

    /// Gives the account a new identity when neither another device nor the recovery key is there to confirm this one.
    /// What was backed up is lost; this device is confirmed then, and the others are not.
    ///
    /// # Errors
    /// [`Trouble::WrongPassword`], or what else the server refused.
    pub(crate) async fn start_afresh(&self, password: &str) -> Result<(), Trouble> {
        // The old backup goes before the server asks for the password; a wrong one must not cost it.
        self.prove_password(password).await?;
        // What the server said of the old keys a moment ago must not be heard after the new ones are there: the library
        // would throw the new ones away as not fitting, and this device could send nothing.
        self.sync.stop().await;
        let done = self.replace_identity(password).await;
        self.sync.start().await;
        done
    }

    async fn replace_identity(&self, password: &str) -> Result<(), Trouble> {
        let recovery = self.client.encryption().recovery();
        let user_id = self.client.user_id().ok_or(Trouble::SessionEnded)?;
        let Some(reset) = recovery.reset_identity().await.map_err(|error| of_recovery(&error))? else { return Ok(()) };
        let CrossSigningResetAuthType::Uiaa(uiaa) = reset.auth_type() else { return Err(Trouble::NotOffered) };
        let mut auth = Password::new(matrix_user(user_id), password.to_owned());
        auth.session.clone_from(&uiaa.session);
        reset.reset(Some(AuthData::Password(auth))).await.map_err(|error| of_recovery(&error))
    }

    /// Gives recent message keys a moment to reach the backup, before the local copy goes.
    pub(crate) async fn finish_backup(&self, limit_ms: u32) {
        let backups = self.client.encryption().backups();
        if backups.are_enabled().await {
            // Whether it finished or failed, the log-out goes on.
            let steady = async {
                let _ = backups.wait_for_steady_state().await;
            };
            futures_util::future::select(Box::pin(steady), gloo_timers::future::TimeoutFuture::new(limit_ms)).await;
        }
    }
}

/// The id of the key that people are asked for.
async fn default_key(storage: &SecretStorage) -> Result<Option<String>, Trouble> {
    let content = storage.fetch_default_key_id().await.map_err(|error| of_sdk(&error))?;
    Ok(content.and_then(|content| content.deserialize().ok()).map(|content| content.key_id))
}

fn matrix_user(user_id: &UserId) -> UserIdentifier {
    UserIdentifier::Matrix(MatrixUserIdentifier::new(user_id.to_string()))
}

fn to_protection(state: RecoveryState) -> Protection {
    match state {
        RecoveryState::Unknown => Protection::Unknown,
        RecoveryState::Enabled => Protection::On,
        RecoveryState::Disabled => Protection::Off,
        RecoveryState::Incomplete => Protection::Locked,
    }
}
