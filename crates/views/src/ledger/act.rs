//! What of the facts is an act of an admin, and what everybody is told of it.

use domain::{
    AccountFact, Area, EndingFact, Fact,
    directory::{AdminMade, AdminUnmade, By, InviteMade, InviteRevoked},
    user::{
        AccountDeactivated,
        admin::{AccountLocked, AccountUnlocked, ResetLinkMade},
    },
};
use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

/// What an admin did. Tokens and notes are not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// So many people can sign up with an invite, until some moment.
    InviteMade {
        /// From when on it does not count, milliseconds since the epoch.
        expires_at_ms: u64,
        /// The invite.
        invite_id: String,
        /// How many accounts can be made with it.
        uses_max: u32,
    },
    /// Nobody signs up with an invite any more.
    InviteRevoked {
        /// The invite.
        invite_id: String,
    },
    /// An account is an admin.
    AdminMade {
        /// The account.
        user_id: OwnedUserId,
    },
    /// An account is an admin no more.
    AdminUnmade {
        /// The account.
        user_id: OwnedUserId,
    },
    /// Whoever has a link can set a new password, until some moment.
    ResetLinkMade {
        /// From when on it does not count, milliseconds since the epoch.
        expires_at_ms: u64,
        /// The account.
        user_id: OwnedUserId,
    },
    /// Nobody uses an account.
    AccountLocked {
        /// The account.
        user_id: OwnedUserId,
    },
    /// An account can be used again.
    AccountUnlocked {
        /// The account.
        user_id: OwnedUserId,
    },
    /// An account is closed for ever.
    AccountDeactivated {
        /// What can be forgotten of its owner is to be forgotten.
        erase: bool,
        /// The account.
        user_id: OwnedUserId,
    },
}

/// What an admin did, and who; none for a fact that is nothing of the kind.
#[must_use]
pub fn act_of(fact: &Fact) -> Option<(&By, Act)> {
    match fact.area() {
        Area::Account(fact) => of_account(fact),
        Area::Ending(fact) => match fact {
            EndingFact::AccountDeactivated(AccountDeactivated { by, erase, user_id }) => {
                // What people do to their own accounts is their own affair.
                Some((by.as_ref()?, Act::AccountDeactivated { erase: *erase, user_id: user_id.clone() }))
            }
            EndingFact::SessionClosed(_)
            | EndingFact::DehydratedDeviceRemoved(_)
            | EndingFact::AccountErased(_)
            | EndingFact::EmailsErased(_)
            | EndingFact::InboxErased(_)
            | EndingFact::BackupErased(_) => None,
        },
        Area::Room(_)
        | Area::Directory(_)
        | Area::Data(_)
        | Area::Media(_)
        | Area::Keys(_)
        | Area::Inbox(_)
        | Area::Backup(_)
        | Area::Outbox(_) => None,
    }
}

fn of_account(fact: AccountFact<'_>) -> Option<(&By, Act)> {
    Some(match fact {
        AccountFact::InviteMade(InviteMade { by, expires_at_ms, id, uses_max, .. }) => {
            (by, Act::InviteMade { expires_at_ms: *expires_at_ms, invite_id: id.clone(), uses_max: *uses_max })
        }
        AccountFact::InviteRevoked(InviteRevoked { by, id }) => (by, Act::InviteRevoked { invite_id: id.clone() }),
        AccountFact::AdminMade(AdminMade { by, user_id }) => (by, Act::AdminMade { user_id: user_id.clone() }),
        AccountFact::AdminUnmade(AdminUnmade { by, user_id }) => (by, Act::AdminUnmade { user_id: user_id.clone() }),
        AccountFact::ResetLinkMade(ResetLinkMade { by, expires_at_ms, user_id, .. }) => {
            (by, Act::ResetLinkMade { expires_at_ms: *expires_at_ms, user_id: user_id.clone() })
        }
        AccountFact::AccountLocked(AccountLocked { by, user_id }) => (by, Act::AccountLocked { user_id: user_id.clone() }),
        AccountFact::AccountUnlocked(AccountUnlocked { by, user_id }) => {
            (by, Act::AccountUnlocked { user_id: user_id.clone() })
        }
        AccountFact::EmailAdded(_)
        | AccountFact::EmailVerified(_)
        | AccountFact::EmailRemoved(_)
        | AccountFact::RegistrationTokenUsed(_)
        | AccountFact::AccountCreated(_)
        | AccountFact::PasswordSet(_)
        | AccountFact::ProfileFieldSet(_)
        | AccountFact::SessionOpened(_)
        | AccountFact::CredentialsSet(_)
        | AccountFact::CredentialsUsed(_)
        | AccountFact::DeviceRenamed(_) => return None,
    })
}
