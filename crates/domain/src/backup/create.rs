//! Creates a backup and changes its public data (spec: `POST` and `PUT /room_keys/version`).

use std::collections::BTreeMap;

use ruma::{OwnedUserId, api::client::backup::BackupAlgorithm, serde::Raw};
use serde_json::value::{RawValue, to_raw_value};

use super::{BACKUPS_MAX, BackupCreated, BackupState, BackupUpdated, INFO_BYTES_MAX, state::algorithm_of};
use crate::{Command, Context, Decision, Fact, Rejection, user::erasure::check_not_to_be_erased};

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

    fn decide(self, state: &BackupState, context: &Context<'_>) -> Result<Decision<u64>, Rejection> {
        check_not_to_be_erased(&self.user_id, context)?;
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
        let info = without_version(self.info, &self.version)?;
        if checked_algorithm(&info)? != backup.algorithm {
            return Err(Rejection::invalid_param("The algorithm of a backup cannot be changed."));
        }
        if info.json().get() == backup.info.json().get() {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = BackupUpdated { user_id: self.user_id, version, info };
        Ok(Decision::accept([Fact::BackupUpdated(fact)], ()))
    }
}

/// The public data without the version that it may name, which is the one that is changed.
///
/// # Errors
/// 400 `M_INVALID_PARAM` when it names another one.
fn without_version(info: Raw<BackupAlgorithm>, version: &str) -> Result<Raw<BackupAlgorithm>, Rejection> {
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(info.json().get()).unwrap_or_default();
    let Some(named) = members.remove("version") else { return Ok(info) };
    if serde_json::from_str::<String>(named.get()).ok().as_deref() != Some(version) {
        return Err(Rejection::invalid_param("The body names another version than the path."));
    }
    let without = to_raw_value(&members).map_err(|_| Rejection::bad_json("The public data has no JSON form."))?;
    Ok(Raw::from_json(without))
}

fn checked_algorithm(info: &Raw<BackupAlgorithm>) -> Result<String, Rejection> {
    if info.json().get().len() > INFO_BYTES_MAX {
        return Err(Rejection::too_large("The public data of a backup has at most 16 KiB."));
    }
    algorithm_of(info).ok_or_else(|| Rejection::bad_json("A backup has an algorithm and auth_data."))
}
