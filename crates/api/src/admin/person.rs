//! An account as admins see it.

use engine::Engine;
use ruma::UserId;
use serde::Serialize;
use views::{
    Rows, ViewFault,
    accounts::{self, AccountRow},
};

/// An account. Moments are milliseconds since the epoch.
#[derive(Serialize)]
pub(super) struct Person {
    user_id: String,
    /// What others see, if they have chosen one.
    display_name: Option<String>,
    created_at_ms: u64,
    /// When they were last there, as those see it who share a room with them: since the server started, and only where presence is on.
    /// It is written down nowhere.
    last_active_ms: Option<u64>,
    is_admin: bool,
    is_locked: bool,
    is_deactivated: bool,
    /// How many devices are logged in.
    devices: usize,
    /// What their uploads count towards quotas, bytes.
    media_bytes: u64,
}

impl Person {
    /// # Errors
    /// Storage failed.
    pub(super) fn of(engine: &Engine, rows: &dyn Rows, user_id: &UserId, account: &AccountRow) -> Result<Self, ViewFault> {
        let display_name = accounts::member_profile(rows, user_id)?.display_name;
        Ok(Self {
            user_id: user_id.to_string(),
            display_name,
            created_at_ms: account.created_at_ms,
            last_active_ms: engine.ephemeral().presence(user_id).map(|presence| presence.active_at_ms).filter(|at| *at > 0),
            is_admin: accounts::is_admin(rows, user_id)?,
            is_locked: accounts::is_locked(rows, user_id)?,
            is_deactivated: account.is_deactivated,
            devices: accounts::device_count(rows, user_id)?,
            media_bytes: views::media::used_bytes(rows, user_id)?,
        })
    }
}
