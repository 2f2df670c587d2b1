//! What must be unique on the whole server: user names, email addresses, room aliases; and who may come in: invites, how
//! often registration tokens were used, and who the admins are.
//!
//! One lane decides on it, so that of two people who ask for one name at once the second is told. What an account is
//! and does stands in its own stream.

mod admins;
mod aliases;
mod by;
mod email;
mod emails;
mod erase_emails;
mod facts;
mod invites;
mod names;
mod register;
mod registration_token_hash;
mod registration_tokens;
#[cfg(test)]
mod tests;

pub use admins::{ADMINS_MAX, AdminState, MakeAdmin, RetireAdmin, UnmakeAdmin};
pub(crate) use aliases::check_alias;
pub use aliases::{ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX, AddAlias, AliasState, ListRoom, MoveAliases, RemoveAlias};
pub use by::By;
pub use email::{EMAIL_BYTES_MAX, EmailAddress, InvalidEmail};
pub use emails::{AddEmail, RemoveEmail, VerifyEmail};
pub use erase_emails::EraseEmails;
pub use facts::{
    AccountRegistered, AdminMade, AdminUnmade, AliasAdded, AliasRemoved, EmailAdded, EmailRemoved, EmailVerified,
    InviteMade, InviteRevoked, RegistrationTokenUsed, RoomListed,
};
pub use invites::{
    INVITE_NOTE_BYTES_MAX, INVITE_TIME_MS_MAX, INVITE_USES_MAX, INVITES_KEPT_MAX, InviteMadeReply, InviteState, MakeInvite,
    RevokeInvite,
};
pub use names::{EMAILS_PER_ACCOUNT_MAX, NameState};
pub use register::{Register, Registered, check_username};
pub use registration_token_hash::RegistrationTokenHash;
pub use registration_tokens::{RegistrationToken, SignUpToken, TokenUses};

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Fact, Stream};

/// What the directory's lane knows. Each part evolves by itself from the facts that concern it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DirectoryState {
    /// User names and email addresses.
    pub names: NameState,
    /// Room addresses and the public list.
    pub aliases: AliasState,
    /// Registration tokens.
    pub tokens: TokenUses,
    /// Invites.
    pub invites: InviteState,
    /// Admins.
    pub admins: AdminState,
}

impl Aggregate for DirectoryState {
    const SNAPSHOT_VERSION: u32 = 5;

    type Key = ();

    fn stream((): &()) -> Stream {
        Stream::Directory
    }

    fn evolve(&mut self, fact: &Fact) {
        self.names.evolve(fact);
        self.aliases.evolve(fact);
        self.tokens.evolve(fact);
        self.invites.evolve(fact, &mut self.tokens);
        self.admins.evolve(fact);
    }
}
