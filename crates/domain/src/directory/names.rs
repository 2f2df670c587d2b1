//! Which user names and email addresses are taken, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use ruma::{OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::email::EmailAddress;
use crate::Fact;

/// How many addresses one account may have.
pub const EMAILS_PER_ACCOUNT_MAX: usize = 10;

/// What is taken.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct NameState {
    users: BTreeSet<OwnedUserId>,
    emails: BTreeMap<EmailAddress, OwnedUserId>,
    /// Those of them whose readers have said that the account is theirs.
    verified: BTreeSet<EmailAddress>,
}

impl NameState {
    /// Whether the name was ever taken. It is not given out again after deactivation (spec: "Account deactivation").
    #[must_use]
    pub fn has_user(&self, user_id: &UserId) -> bool {
        self.users.contains(user_id)
    }

    /// Whether nobody has ever signed up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Whose address it is.
    #[must_use]
    pub fn user_of_email(&self, email: &EmailAddress) -> Option<&UserId> {
        self.emails.get(email).map(AsRef::as_ref)
    }

    /// Whether its reader has said that the account is theirs.
    #[must_use]
    pub fn is_verified(&self, email: &EmailAddress) -> bool {
        self.verified.contains(email)
    }

    /// The addresses of one account, in order.
    pub fn emails_of<'a>(&'a self, user_id: &'a UserId) -> impl Iterator<Item = &'a EmailAddress> {
        self.emails.iter().filter(move |(_, owner)| *owner == user_id).map(|(email, _)| email)
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AccountRegistered(fact) => {
                self.users.insert(fact.user_id.clone());
            }
            Fact::EmailAdded(fact) => {
                self.emails.insert(fact.email.clone(), fact.user_id.clone());
                // What was said when it was another's; that they gave it up may be forgotten.
                self.verified.remove(&fact.email);
            }
            Fact::EmailVerified(fact) if self.user_of_email(&fact.email) == Some(&fact.user_id) => {
                self.verified.insert(fact.email.clone());
            }
            Fact::EmailRemoved(fact) => {
                self.emails.remove(&fact.email);
                self.verified.remove(&fact.email);
            }
            Fact::EmailsErased(fact) => {
                self.emails.retain(|_, owner| *owner != fact.user_id);
                self.verified.retain(|email| self.emails.contains_key(email));
            }
            _ => {}
        }
    }
}
