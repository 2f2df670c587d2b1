//! Adds an email address to an account, verifies or removes one (spec: "Account contact information").

use ruma::{OwnedUserId, api::error::ErrorKind};

use super::{
    DirectoryState,
    email::EmailAddress,
    facts::{EmailAdded, EmailRemoved, EmailVerified},
    names::EMAILS_PER_ACCOUNT_MAX,
};
use crate::{Command, Context, Decision, Fact, Rejection, user::erasure::check_not_to_be_erased};

/// Adds an address to an account.
#[derive(Clone, Debug)]
pub struct AddEmail {
    /// Whose address.
    pub user_id: OwnedUserId,
    /// The address.
    pub email: EmailAddress,
}

impl Command for AddEmail {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        check_not_to_be_erased(&self.user_id, context)?;
        match state.names.user_of_email(&self.email) {
            Some(owner) if *owner == *self.user_id => return Ok(Decision::AlreadyDone(())),
            Some(_) => return Err(in_use()),
            None => {}
        }
        if !state.names.has_user(&self.user_id) {
            return Err(Rejection::not_found("There is no such account."));
        }
        if state.names.emails_of(&self.user_id).count() >= EMAILS_PER_ACCOUNT_MAX {
            return Err(Rejection::forbidden("The account has as many addresses as it may have."));
        }
        let fact = Fact::EmailAdded(EmailAdded { user_id: self.user_id, email: self.email });
        Ok(Decision::accept([fact], ()))
    }
}

/// Notes that whoever reads what is sent to an address has said that the account is theirs.
#[derive(Clone, Debug)]
pub struct VerifyEmail {
    /// Whose address.
    pub user_id: OwnedUserId,
    /// The address.
    pub email: EmailAddress,
}

impl Command for VerifyEmail {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        check_not_to_be_erased(&self.user_id, context)?;
        if state.names.user_of_email(&self.email).is_none_or(|owner| *owner != *self.user_id) {
            return Err(Rejection::not_found("The account has no such address any more."));
        }
        if state.names.is_verified(&self.email) {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = Fact::EmailVerified(EmailVerified { user_id: self.user_id, email: self.email });
        Ok(Decision::accept([fact], ()))
    }
}

/// Removes an address from an account, or all of them.
#[derive(Clone, Debug)]
pub struct RemoveEmail {
    /// Whose address.
    pub user_id: OwnedUserId,
    /// The address; none for all that the account has.
    pub email: Option<EmailAddress>,
}

impl Command for RemoveEmail {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = self.user_id;
        let facts: Vec<_> = state
            .names
            .emails_of(&user_id)
            .filter(|email| self.email.as_ref().is_none_or(|wanted| wanted == *email))
            .map(|email| Fact::EmailRemoved(EmailRemoved { user_id: user_id.clone(), email: email.clone() }))
            .collect();
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        Ok(Decision::accept(facts, ()))
    }
}

/// 400 `M_THREEPID_IN_USE`.
pub(super) fn in_use() -> Rejection {
    Rejection::new(400, ErrorKind::ThreepidInUse, "That email address belongs to another account.")
}
