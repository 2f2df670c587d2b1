//! Makes an invite.

use super::{
    super::{
        DirectoryState,
        by::By,
        facts::{InviteMade, InviteRevoked},
        registration_token_hash::RegistrationTokenHash,
    },
    INVITES_KEPT_MAX,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// How many accounts one invite can be for.
pub const INVITE_USES_MAX: u32 = 1_000;
/// How long one can be open, milliseconds: a year.
pub const INVITE_TIME_MS_MAX: u64 = 365 * 24 * 60 * 60 * 1_000;
/// The longest note, bytes.
pub const INVITE_NOTE_BYTES_MAX: usize = 200;

/// Letters of an invite's id, which is no secret.
const ID_LETTERS: usize = 10;
/// Letters of its token: 165 bits.
const TOKEN_LETTERS: usize = 32;

/// Makes an invite. Its token is made here and is nowhere but in the reply.
#[derive(Clone, Debug)]
pub struct MakeInvite {
    /// Who asks for it.
    pub by: By,
    /// How many accounts can be made with it.
    pub uses_max: u32,
    /// How long it is open, milliseconds.
    pub expires_after_ms: u64,
    /// What the admin wants to remember of it; shown to admins alone.
    pub note: Option<String>,
}

/// An invite that was made. Its token is a secret.
#[derive(Debug)]
pub struct InviteMadeReply {
    /// By which it is listed and revoked.
    pub id: String,
    /// What people sign up with.
    pub token: String,
    /// From when on it does not count, milliseconds since the epoch.
    pub expires_at_ms: u64,
}

impl Command for MakeInvite {
    type On = DirectoryState;
    type Reply = InviteMadeReply;

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<InviteMadeReply>, Rejection> {
        state.admins.check(&self.by)?;
        let note = self.note.filter(|note| !note.is_empty());
        check_bounds(self.uses_max, self.expires_after_ms, note.as_deref())?;
        let now_ms = u64::from(context.now.0);
        // Room is made when there is need of it: until then admins see what became of each.
        let gone: Vec<_> = if state.invites.0.len() < INVITES_KEPT_MAX {
            Vec::new()
        } else {
            state.invites.spent(&state.tokens, now_ms).cloned().collect()
        };
        if state.invites.0.len() - gone.len() >= INVITES_KEPT_MAX {
            return Err(Rejection::forbidden(
                "There are as many open invites as there can be. Revoke some that nobody needs.",
            ));
        }
        let id = context.entropy.token(ID_LETTERS).to_lowercase();
        let token = context.entropy.token(TOKEN_LETTERS);
        let expires_at_ms = now_ms.saturating_add(self.expires_after_ms);
        let made = InviteMade {
            by: self.by.clone(),
            expires_at_ms,
            id: id.clone(),
            note,
            token: RegistrationTokenHash::of(&token),
            uses_max: self.uses_max,
        };
        let revoked = gone.into_iter().map(|id| Fact::InviteRevoked(InviteRevoked { by: self.by.clone(), id }));
        let facts: Vec<_> = revoked.chain([Fact::InviteMade(made)]).collect();
        Ok(Decision::accept(facts, InviteMadeReply { id, token, expires_at_ms }))
    }
}

fn check_bounds(uses_max: u32, expires_after_ms: u64, note: Option<&str>) -> Result<(), Rejection> {
    if !(1..=INVITE_USES_MAX).contains(&uses_max) {
        return Err(Rejection::invalid_param("An invite is for 1 to 1000 accounts."));
    }
    if !(1..=INVITE_TIME_MS_MAX).contains(&expires_after_ms) {
        return Err(Rejection::invalid_param("An invite is open for a year at most, and for some time."));
    }
    match note {
        Some(note) if note.len() > INVITE_NOTE_BYTES_MAX => Err(Rejection::invalid_param("A note has 200 bytes at most.")),
        Some(note) if note.chars().any(char::is_control) => Err(Rejection::invalid_param("A note is one line of text.")),
        _ => Ok(()),
    }
}
