//! Erases media: its addresses lead nowhere, and what the log says of it is erased. The server itself commands it, when an
//! account is erased or a message that named the media is redacted. Its bytes are the engine's.

use ruma::OwnedUserId;

use super::{ErasedMedia, MediaErased, charged_bytes};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{UserState, token::TokenHash},
};

/// Media that one command erases.
pub const ERASED_AT_ONCE_MAX: usize = 100;

/// Erases media of one person. What is not theirs, and what is gone already, stays as it is.
#[derive(Clone, Debug)]
pub struct EraseMedia {
    /// Whose they are. The account may be closed.
    pub user_id: OwnedUserId,
    /// The last parts of the addresses, at most [`ERASED_AT_ONCE_MAX`].
    pub media_ids: Vec<String>,
}

impl Command for EraseMedia {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if self.media_ids.len() > ERASED_AT_ONCE_MAX {
            return Err(Rejection::too_large("So many media are not erased at once."));
        }
        let (mut media, mut positions, mut used_bytes) = (Vec::new(), Vec::new(), state.media.used_bytes);
        for media_id in self.media_ids {
            let Some(found) = context.lookup.media(&media_id)?.filter(|found| found.owner == self.user_id) else { continue };
            let Some(upload) = found.uploaded.filter(|upload| !positions.contains(&upload.position)) else { continue };
            used_bytes = used_bytes.saturating_sub(charged_bytes(upload.size_bytes));
            positions.push(upload.position);
            media.push(ErasedMedia { digest: TokenHash(upload.digest), media_id });
        }
        if media.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = MediaErased { media, positions, used_bytes, user_id: self.user_id };
        Ok(Decision::accept([Fact::MediaErased(fact)], ()))
    }
}
