//! Records an upload (spec: `POST /_matrix/media/v3/upload`, `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`).

use ruma::OwnedUserId;

use super::{
    MediaUploaded,
    admit::{UploadName, admit},
    announce::media_id,
};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{UserState, token::TokenHash},
};

/// Records an upload whose bytes are in the blob store.
#[derive(Clone, Debug)]
pub struct UploadMedia {
    /// What it is.
    pub name: UploadName,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size_bytes: u64,
}

impl Command for UploadMedia {
    type On = UserState;
    /// The last part of the `mxc:` address.
    type Reply = String;

    fn key(&self) -> OwnedUserId {
        self.name.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<String>, Rejection> {
        admit(state, context, &self.name, self.size_bytes)?;
        let media_id = self.name.media_id.unwrap_or_else(|| media_id(context));
        let fact = MediaUploaded {
            user_id: self.name.user_id,
            media_id: media_id.clone(),
            digest: TokenHash(self.digest),
            size_bytes: self.size_bytes,
            content_type: self.name.content_type,
            filename: self.name.filename,
        };
        Ok(Decision::accept([Fact::MediaUploaded(fact)], media_id))
    }
}
