//! What must be unique on the whole server: user names, email addresses, room aliases; and how often registration tokens
//! were used.
//!
//! One lane decides on it, so that of two people who ask for one name at once the second is told. What an account is
//! and does stands in its own stream.

mod aliases;
mod email;
mod emails;
mod facts;
mod names;
mod register;
mod registration_token_hash;
mod registration_tokens;
#[cfg(test)]
mod tests;

pub(crate) use aliases::check_alias;
pub use aliases::{ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX, AddAlias, AliasState, ListRoom, MoveAliases, RemoveAlias};
pub use email::{EMAIL_BYTES_MAX, EmailAddress, InvalidEmail};
pub use emails::{AddEmail, RemoveEmail};
pub use facts::{AccountRegistered, AliasAdded, AliasRemoved, EmailAdded, EmailRemoved, RegistrationTokenUsed, RoomListed};
pub use names::{EMAILS_PER_ACCOUNT_MAX, NameState};
pub use register::{Register, Registered, check_username};
pub use registration_token_hash::RegistrationTokenHash;
pub use registration_tokens::{RegistrationToken, TokenUses};

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
}

impl Aggregate for DirectoryState {
    const SNAPSHOT_VERSION: u32 = 2;

    type Key = ();

    fn stream((): &()) -> Stream {
        Stream::Directory
    }

    fn evolve(&mut self, fact: &Fact) {
        self.names.evolve(fact);
        self.aliases.evolve(fact);
        self.tokens.evolve(fact);
    }
}
