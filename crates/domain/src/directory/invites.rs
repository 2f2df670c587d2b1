//! Invites: registration tokens that admins make while the server runs.

mod make;
mod revoke;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use make::{INVITE_NOTE_BYTES_MAX, INVITE_TIME_MS_MAX, INVITE_USES_MAX, InviteMadeReply, MakeInvite};
pub use revoke::RevokeInvite;

use super::{
    registration_token_hash::RegistrationTokenHash,
    registration_tokens::{RegistrationToken, TokenUses},
};
use crate::Fact;

/// How many invites can be open at once.
pub const INVITES_KEPT_MAX: usize = 200;

/// The invites that nobody has revoked, by id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct InviteState(BTreeMap<String, Invite>);

/// What the lane knows of one.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Invite {
    token: RegistrationTokenHash,
    uses_max: u32,
    expires_at_ms: u64,
}

impl Invite {
    fn as_token(&self) -> RegistrationToken {
        RegistrationToken { hash: self.token, uses_max: Some(self.uses_max), expires_at_ms: Some(self.expires_at_ms) }
    }
}

impl InviteState {
    /// The invite with a token, and what it allows.
    pub(super) fn of_token(&self, hash: RegistrationTokenHash) -> Option<RegistrationToken> {
        self.0.values().find(|invite| invite.token == hash).map(Invite::as_token)
    }

    /// The ids of those that nobody can sign up with any more.
    fn spent<'a>(&'a self, uses: &'a TokenUses, now_ms: u64) -> impl Iterator<Item = &'a String> {
        self.0.iter().filter(move |(_, invite)| !invite.as_token().counts(uses.of(invite.token), now_ms)).map(|(id, _)| id)
    }

    /// Takes one fact in. Of an invite that is gone the uses are forgotten too: its token comes never again.
    pub(super) fn evolve(&mut self, fact: &Fact, uses: &mut TokenUses) {
        match fact {
            Fact::InviteMade(made) => {
                let invite = Invite { token: made.token, uses_max: made.uses_max, expires_at_ms: made.expires_at_ms };
                self.0.insert(made.id.clone(), invite);
            }
            Fact::InviteRevoked(revoked) => {
                if let Some(invite) = self.0.remove(&revoked.id) {
                    uses.forget(invite.token);
                }
            }
            _ => {}
        }
    }
}
