//! Reserves an address for an upload (spec: `POST /_matrix/media/v1/create`).

use ruma::{
    OwnedUserId,
    api::error::{ErrorKind, LimitExceededErrorData},
};

use super::{MediaAnnounced, PENDING_MAX, PENDING_MS_MAX};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// Reserves an address for an upload that follows.
#[derive(Clone, Debug)]
pub struct AnnounceMedia {
    /// Who is going to upload.
    pub user_id: OwnedUserId,
}

impl Command for AnnounceMedia {
    type On = UserState;
    type Reply = MediaAnnounced;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<MediaAnnounced>, Rejection> {
        let user_id = state.account.active()?.clone();
        let now_ms = u64::from(context.now.0);
        if state.media.pending.values().filter(|expires_at_ms| **expires_at_ms > now_ms).count() >= PENDING_MAX {
            let kind = ErrorKind::LimitExceeded(LimitExceededErrorData::new());
            return Err(Rejection::new(429, kind, "Upload what you have announced first."));
        }
        let media_id = media_id(context);
        let fact = MediaAnnounced { user_id: user_id.clone(), media_id, expires_at_ms: now_ms + PENDING_MS_MAX };
        Ok(Decision::accept([Fact::MediaAnnounced(fact.clone())], fact))
    }
}

/// 24 letters and digits, about 124 bits: nobody guesses an address.
pub(super) fn media_id(context: &Context<'_>) -> String {
    context.entropy.token(24)
}
