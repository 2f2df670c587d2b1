//! Creates a backup and changes its public data (spec: `POST` and `PUT /room_keys/version`).

use ruma::{OwnedUserId, api::client::backup::BackupAlgorithm, serde::Raw};

use super::{BACKUPS_MAX, BackupCreated, BackupState, BackupUpdated, INFO_BYTES_MAX, state::algorithm_of};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Creates a backup.
#[derive(Clone, Debug)]
pub struct CreateBackup {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// The algorithm and its public data.
    pub info: Raw<BackupAlgorithm>,
}

impl Command for CreateBackup {
    type On = BackupState;
    type Reply = u64;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<u64>, Rejection> {
        checked_algorithm(&self.info)?;
        if state.len() >= BACKUPS_MAX {
            return Err(Rejection::forbidden("There are at most 100 backups. Delete an older one first."));
        }
        let version = state.next_version();
        let fact = BackupCreated { user_id: self.user_id, version, info: self.info };
        Ok(Decision::accept([Fact::BackupCreated(fact)], version))
    }
}

/// Changes the public data of a backup.
#[derive(Clone, Debug)]
pub struct UpdateBackup {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup, as the client names it.
    pub version: String,
    /// The algorithm and its public data.
    pub info: Raw<BackupAlgorithm>,
}

impl Command for UpdateBackup {
    type On = BackupState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let (version, backup) = state.backup(&self.version)?;
        if checked_algorithm(&self.info)? != backup.algorithm {
            return Err(Rejection::invalid_param("The algorithm of a backup cannot be changed."));
        }
        if self.info.json().get() == backup.info.json().get() {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = BackupUpdated { user_id: self.user_id, version, info: self.info };
        Ok(Decision::accept([Fact::BackupUpdated(fact)], ()))
    }
}

fn checked_algorithm(info: &Raw<BackupAlgorithm>) -> Result<String, Rejection> {
    if info.json().get().len() > INFO_BYTES_MAX {
        return Err(Rejection::too_large("The public data of a backup has at most 16 KiB."));
    }
    algorithm_of(info).ok_or_else(|| Rejection::bad_json("A backup has an algorithm and auth_data."))
}
