//! Records an upload (spec: `POST /_matrix/media/v3/upload`, `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`).

use ruma::OwnedUserId;

use super::{MediaUploaded, announce::media_id};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{UserState, token::TokenHash},
};

/// The longest content type and the longest file name.
const NAME_BYTES_MAX: usize = 512;

/// Records an upload whose bytes are in the blob store.
#[derive(Clone, Debug)]
pub struct UploadMedia {
    /// Who uploads.
    pub user_id: OwnedUserId,
    /// The address that was reserved; none for a new one.
    pub media_id: Option<String>,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size_bytes: u64,
    /// What the uploader says it is.
    pub content_type: Option<String>,
    /// What the uploader calls it.
    pub filename: Option<String>,
}

impl Command for UploadMedia {
    type On = UserState;
    /// The last part of the `mxc:` address.
    type Reply = String;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<String>, Rejection> {
        let user_id = state.account.active()?.clone();
        if [&self.content_type, &self.filename].into_iter().flatten().any(|text| text.len() > NAME_BYTES_MAX) {
            return Err(Rejection::invalid_param("A content type or file name has at most 512 bytes."));
        }
        let media_id = match self.media_id {
            Some(media_id) => match state.media.pending.get(&media_id) {
                Some(expires_at_ms) if *expires_at_ms > u64::from(context.now.0) => media_id,
                // The caller has looked for finished uploads and those of others.
                _ => return Err(Rejection::not_found("No upload to that address is awaited from you.")),
            },
            None => media_id(context),
        };
        let fact = MediaUploaded {
            user_id: user_id.clone(),
            media_id: media_id.clone(),
            digest: TokenHash(self.digest),
            size_bytes: self.size_bytes,
            content_type: self.content_type,
            filename: self.filename,
        };
        Ok(Decision::accept([Fact::MediaUploaded(fact)], media_id))
    }
}
