//! All keys of a backup, or of a room in it, as they are read: a backup may have more of them than fit into memory.

use axum::response::Response;
use domain::Rejection;
use engine::Engine;
use ruma::{OwnedRoomId, OwnedUserId, UserId, api::client::backup::KeyBackupData, serde::Raw};
use views::{
    Rows, ViewFault,
    backup::{SessionPlace, backup, backup_page},
};

use super::stored_keys::NO_BACKUP;
use crate::{
    error::ApiError,
    paged::{Page, Paged, answer},
};

/// Sessions that are read at once; one has at most 16 KiB.
const STEP_SESSIONS: usize = 64;

/// The keys of a backup from some place on.
pub(super) struct Keys {
    user_id: OwnedUserId,
    /// Of this room only, in the form that its endpoint has.
    room: Option<OwnedRoomId>,
    version: u64,
    /// The last one that was given out.
    after: Option<SessionPlace>,
}

impl Keys {
    /// The answer with all keys. Keys that are stored or deleted while it is sent may be in it or not.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such backup.
    pub(super) async fn answer(
        engine: Engine,
        user_id: OwnedUserId,
        version: &str,
        room: Option<OwnedRoomId>,
    ) -> Result<Response, ApiError> {
        let found = engine.read(&user_id, |rows| Ok::<_, ApiError>(backup(rows, &user_id, version)?)).await?;
        let version = found.ok_or_else(|| Rejection::not_found(NO_BACKUP))?.version;
        answer(engine, Self { user_id, room, version, after: None }).await
    }

    /// Adds one session, with what opens its room and closes the one before.
    fn add(&self, page: &mut Page, place: &SessionPlace, data: &Raw<KeyBackupData>) -> Result<(), ViewFault> {
        let is_same_room = self.after.as_ref().is_some_and(|before| before.0 == place.0);
        if self.after.is_some() {
            page.push(if is_same_room || self.room.is_some() { "," } else { "}}," });
        }
        if !is_same_room && self.room.is_none() {
            page.value(&place.0)?;
            page.push(":{\"sessions\":{");
        }
        page.value(&place.1)?;
        page.push(":");
        page.push(data.json().get());
        Ok(())
    }
}

/// Spec: `{"rooms": {ROOM: {"sessions": {ID: DATA}}}}`, and `{"sessions": {ID: DATA}}` for one room.
impl Paged for Keys {
    fn reader(&self) -> &UserId {
        &self.user_id
    }

    fn step(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<bool, ApiError> {
        let (room, after) = (self.room.as_deref(), self.after.as_ref());
        let found = backup_page(rows, &self.user_id, self.version, room, after, STEP_SESSIONS)?;
        if self.after.is_none() {
            page.push(if self.room.is_some() { "{\"sessions\":{" } else { "{\"rooms\":{" });
        }
        let is_last = found.len() < STEP_SESSIONS;
        for (place, data) in found {
            if page.is_full() {
                return Ok(false);
            }
            self.add(page, &place, &data)?;
            self.after = Some(place);
        }
        if is_last {
            page.push(if self.after.is_some() && self.room.is_none() { "}}}}" } else { "}}" });
        }
        Ok(is_last)
    }
}
