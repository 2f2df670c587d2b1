//! All keys of a backup, or of a room in it, as they are read: a backup may have more of them than fit into memory.

use axum::{
    body::{Body, Bytes},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use domain::Rejection;
use engine::Engine;
use futures_util::{
    StreamExt as _,
    future::ready,
    stream::{once, try_unfold},
};
use ruma::{OwnedRoomId, OwnedUserId, api::client::backup::KeyBackupData, serde::Raw};
use views::{
    ViewFault,
    backup::{SessionPlace, backup, backup_page},
};

use super::stored_keys::NO_BACKUP;
use crate::error::ApiError;

/// Sessions that are read at once; one has at most 16 KiB.
const PAGE_SESSIONS: usize = 256;

/// The keys of a backup from some place on.
pub(super) struct Keys {
    engine: Engine,
    user_id: OwnedUserId,
    /// Of this room only, in the form that its endpoint has.
    room: Option<OwnedRoomId>,
    version: u64,
    /// The last one that was given out.
    after: Option<SessionPlace>,
}

impl Keys {
    /// The answer with all keys. Pages are read one after the other, each from the newest rows; keys that are stored or deleted
    /// meanwhile may be in it or not.
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
        let keys = Self { engine, user_id, room, version, after: None };
        // What fails at once is answered as such; later the connection breaks off.
        let (first, rest) = keys.next().await?;
        let rest = try_unfold(rest, async |rest| match rest {
            Some(keys) => keys.next().await.map(Some).map_err(|_| std::io::Error::other("the backup could not be read")),
            None => Ok(None),
        });
        let body = Body::from_stream(once(ready(Ok(first))).chain(rest));
        Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
    }

    /// The JSON of the next page, and what comes behind it.
    async fn next(mut self) -> Result<(Bytes, Option<Self>), ApiError> {
        let Self { engine, user_id, room, version, after } = &self;
        let page = engine
            .read(user_id, |rows| {
                let page = backup_page(rows, user_id, *version, room.as_deref(), after.as_ref(), PAGE_SESSIONS)?;
                Ok::<_, ApiError>(page)
            })
            .await?;
        let json = self.json(&page)?.into();
        let is_last = page.len() < PAGE_SESSIONS;
        self.after = page.into_iter().last().map(|(place, _)| place);
        Ok((json, if is_last { None } else { Some(self) }))
    }

    /// Spec: `{"rooms": {ROOM: {"sessions": {ID: DATA}}}}`, and `{"sessions": {ID: DATA}}` for one room.
    fn json(&self, page: &[(SessionPlace, Raw<KeyBackupData>)]) -> Result<String, ViewFault> {
        let mut json = String::new();
        if self.after.is_none() {
            json.push_str(if self.room.is_some() { "{\"sessions\":{" } else { "{\"rooms\":{" });
        }
        let mut before = self.after.as_ref();
        for (place, data) in page {
            let is_same_room = before.is_some_and(|before| before.0 == place.0);
            if before.is_some() {
                json.push_str(if is_same_room || self.room.is_some() { "," } else { "}}," });
            }
            if !is_same_room && self.room.is_none() {
                json.push_str(&format!("{}:{{\"sessions\":{{", quoted(&place.0)?));
            }
            json.push_str(&format!("{}:{}", quoted(&place.1)?, data.json().get()));
            before = Some(place);
        }
        if page.len() < PAGE_SESSIONS {
            json.push_str(if before.is_some() && self.room.is_none() { "}}}}" } else { "}}" });
        }
        Ok(json)
    }
}

fn quoted(text: &str) -> Result<String, ViewFault> {
    serde_json::to_string(text).map_err(|error| ViewFault::caused("an id has no JSON form", error))
}
