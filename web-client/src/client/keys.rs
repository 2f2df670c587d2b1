//! Cross-signing, key backup and the recovery key.
//!
//! All three are set up silently at sign-up: a person only ever meets the recovery key, and may skip even that.

use futures_util::StreamExt;
use hearth_web_state::trouble::Trouble;
use matrix_sdk::{
    encryption::recovery::RecoveryState,
    ruma::{
        UserId,
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    },
};

use super::{
    Account,
    trouble::{of_recovery, of_sdk},
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

    /// Makes a new recovery key; the old one stops working.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn renew_recovery_key(&self) -> Result<String, Trouble> {
        let recovery = self.client.encryption().recovery();
        match recovery.state() {
            RecoveryState::Disabled => self.enable_recovery().await,
            _ => recovery.reset_key().await.map_err(|error| of_recovery(&error)),
        }
    }

    /// Unlocks this device with the recovery key: it becomes trusted, and older messages decrypt.
    ///
    /// # Errors
    /// [`Trouble::WrongRecoveryKey`] when the key does not fit.
    pub(crate) async fn unlock(&self, recovery_key: &str) -> Result<(), Trouble> {
        let encryption = self.client.encryption();
        encryption.recovery().recover(recovery_key.trim()).await.map_err(|error| of_recovery(&error))?;
        for room in self.client.joined_rooms() {
            if let Err(error) = encryption.backups().download_room_keys_for_room(room.room_id()).await {
                browser::warn(&format!("fetching kept keys: {error}"));
            }
        }
        Ok(())
    }

    /// Reports how well the keys are kept, now and on every change, for as long as it is polled.
    pub(crate) async fn watch_protection(&self, mut report: impl FnMut(Protection)) {
        let recovery = self.client.encryption().recovery();
        let mut states = Box::pin(recovery.state_stream());
        report(to_protection(recovery.state()));
        while let Some(state) = states.next().await {
            report(to_protection(state));
        }
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
