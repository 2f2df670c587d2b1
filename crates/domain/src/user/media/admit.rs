//! What an upload has to keep to. It is asked twice: before the first byte is taken in, and when the upload is recorded.

use ruma::{OwnedUserId, api::error::ErrorKind};

use super::charged_bytes;
use crate::{Command, Context, Decision, Rejection, user::UserState};

/// The longest content type and the longest file name, bytes.
const NAME_BYTES_MAX: usize = 512;

/// What an upload says of itself beside its bytes.
#[derive(Clone, Debug)]
pub struct UploadName {
    /// Who uploads.
    pub user_id: OwnedUserId,
    /// The address that was reserved; none for a new one.
    pub media_id: Option<String>,
    /// What the uploader says it is.
    pub content_type: Option<String>,
    /// What the uploader calls it.
    pub filename: Option<String>,
}

/// Asks whether an upload may begin. Nothing is recorded; how much of what room there is others may use meanwhile, so that
/// [`super::UploadMedia`] asks again.
#[derive(Clone, Debug)]
pub struct AdmitUpload {
    /// What is to be uploaded.
    pub name: UploadName,
    /// How many bytes the client has said there are; 0 if it has not.
    pub size_bytes: u64,
}

/// What may still be uploaded, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// By this person.
    pub person_bytes: u64,
    /// By everybody; none without a bound.
    pub total_bytes: Option<u64>,
}

impl Room {
    /// Refuses what does not fit.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` beyond the person's quota (spec: `POST /_matrix/media/v3/upload`, "the user has reached a quota for
    /// uploaded content"), 507 beyond that of the server.
    pub fn check(&self, size_bytes: u64) -> Result<(), Rejection> {
        if size_bytes > self.person_bytes {
            return Err(Rejection::forbidden("You have no room left for this file on the server."));
        }
        if self.total_bytes.is_some_and(|left| size_bytes > left) {
            let why = "The server has no room left for this file. Ask its admin to make room.";
            return Err(Rejection::new(507, ErrorKind::Unknown, why));
        }
        Ok(())
    }
}

impl Command for AdmitUpload {
    type On = UserState;
    type Reply = Room;

    fn key(&self) -> OwnedUserId {
        self.name.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<Room>, Rejection> {
        admit(state, context, &self.name, self.size_bytes).map(Decision::AlreadyDone)
    }
}

/// The rules of an upload of so many bytes: names, the address, quotas.
pub(super) fn admit(
    state: &UserState,
    context: &Context<'_>,
    name: &UploadName,
    size_bytes: u64,
) -> Result<Room, Rejection> {
    state.account.active()?;
    if [&name.content_type, &name.filename].into_iter().flatten().any(|text| text.len() > NAME_BYTES_MAX) {
        return Err(Rejection::invalid_param("A content type or file name has at most 512 bytes."));
    }
    if let Some(media_id) = &name.media_id {
        check_address(state, context, &name.user_id, media_id)?;
    }
    let quota = context.policy.media;
    let total_bytes = match quota.total_bytes {
        Some(most) => Some(most.saturating_sub(context.lookup.media_bytes()?)),
        None => None,
    };
    let room = Room { person_bytes: quota.person_bytes.saturating_sub(state.media.used_bytes), total_bytes };
    room.check(charged_bytes(size_bytes))?;
    Ok(room)
}

/// Only who reserved an address uploads to it, once and in time (spec: `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`).
fn check_address(state: &UserState, context: &Context<'_>, user_id: &OwnedUserId, media_id: &str) -> Result<(), Rejection> {
    if state.media.pending.get(media_id).is_some_and(|expires_at_ms| *expires_at_ms > u64::from(context.now.0)) {
        return Ok(());
    }
    match context.lookup.media(media_id)? {
        Some(found) if found.owner != *user_id => Err(Rejection::forbidden("Somebody else reserved that address.")),
        Some(found) if found.uploaded.is_some() => {
            Err(Rejection::new(409, ErrorKind::CannotOverwriteMedia, "Something was uploaded there before."))
        }
        _ => Err(Rejection::not_found("No upload to that address is awaited from you.")),
    }
}
