//! Deletes a backup, or keys of one (spec: `DELETE /room_keys/version/{version}`, `DELETE /room_keys/keys…`).

use ruma::OwnedUserId;

use super::{BackupDeleted, BackupKeysDeleted, BackupState, Scope, Totals};
use crate::{Command, Context, Decision, Fact, Rejection, Stream};

/// Deletes a backup with all its keys.
#[derive(Clone, Debug)]
pub struct DeleteBackup {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup, as the client names it.
    pub version: String,
}

impl Command for DeleteBackup {
    type State = BackupState;
    type Reply = ();

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let (version, _) = state.backup(&self.version)?;
        let stream = Stream::Backup(self.user_id.clone());
        let fact = BackupDeleted { user_id: self.user_id, version };
        Ok(Decision::accept(&stream, [Fact::BackupDeleted(fact)], ()))
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
    type State = BackupState;
    type Reply = Totals;

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<Totals>, Rejection> {
        let (version, backup) = state.backup(&self.version)?;
        let deleted = backup.count(&self.scope);
        if deleted == 0 {
            return Ok(Decision::AlreadyDone(backup.totals));
        }
        let totals = Totals { etag: backup.totals.etag + 1, count: backup.totals.count.saturating_sub(deleted) };
        let stream = Stream::Backup(self.user_id.clone());
        let fact = BackupKeysDeleted { user_id: self.user_id, version, totals, scope: self.scope };
        Ok(Decision::accept(&stream, [Fact::BackupKeysDeleted(fact)], totals))
    }
}
