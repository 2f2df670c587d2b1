//! Deletes a backup, or keys of one (spec: `DELETE /room_keys/version/{version}`, `DELETE /room_keys/keys…`).

use ruma::OwnedUserId;

use super::{BackupDeleted, BackupKeysDeleted, BackupState, Scope, Totals};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Deletes a backup with all its keys.
#[derive(Clone, Debug)]
pub struct DeleteBackup {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup, as the client names it.
    pub version: String,
}

impl Command for DeleteBackup {
    type On = BackupState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let (version, _) = state.backup(&self.version)?;
        let fact = BackupDeleted { user_id: self.user_id, version };
        Ok(Decision::accept([Fact::BackupDeleted(fact)], ()))
    }
}

/// Deletes keys of a backup.
#[derive(Clone, Debug)]
pub struct DeleteKeys {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup, as the client names it.
    pub version: String,
    /// Which keys.
    pub scope: Scope,
}

impl Command for DeleteKeys {
    type On = BackupState;
    type Reply = Totals;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<Totals>, Rejection> {
        let (version, backup) = state.backup(&self.version)?;
        let deleted = backup.count(&self.scope);
        if deleted == 0 {
            return Ok(Decision::AlreadyDone(backup.totals));
        }
        let totals = Totals { etag: backup.totals.etag + 1, count: backup.totals.count.saturating_sub(deleted) };
        let fact = BackupKeysDeleted { user_id: self.user_id, version, totals, scope: self.scope };
        Ok(Decision::accept([Fact::BackupKeysDeleted(fact)], totals))
    }
}
