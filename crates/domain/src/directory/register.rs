//! Makes an account (spec: `POST /_matrix/client/v3/register`).

use ruma::{OwnedUserId, ServerName, UserId, api::error::ErrorKind};

use super::{
    DirectoryState,
    by::By,
    email::EmailAddress,
    emails::in_use,
    facts::{AccountRegistered, AdminMade, EmailAdded, RegistrationTokenUsed},
    registration_token_hash::RegistrationTokenHash,
    registration_tokens::{SignUpToken, token_refused},
};
use crate::{
    Command, Context, Decision, Fact, NewFact, Rejection, Stream,
    user::{AccountCreated, NewSession, OpenedSession, PasswordSet, ProfileFieldSet, profile::DISPLAY_NAME},
};

/// User ids are at most this long, `@` and server name included (spec: "User identifiers").
const USER_ID_BYTES_MAX: usize = 255;

/// Makes an account with a name nobody had before. Its first facts go to the person's own stream in the same batch,
/// which is safe because nobody can have decided on that stream yet.
#[derive(Clone, Debug)]
pub struct Register {
    /// The part before the colon; one is made up when there is none.
    pub username: Option<String>,
    /// An address to log in with as well.
    pub email: Option<EmailAddress>,
    /// The Argon2id hash in PHC form; none for an account that cannot log in by password.
    pub password_phc: Option<String>,
    /// Logs the account in as well.
    pub session: Option<NewSession>,
    /// The token that it is made with, where one is needed.
    pub token: Option<SignUpToken>,
}

/// What came of a registration.
#[derive(Debug)]
pub struct Registered {
    /// The new account.
    pub user_id: OwnedUserId,
    /// Its first session, if one was asked for.
    pub session: Option<OpenedSession>,
}

impl Command for Register {
    type On = DirectoryState;
    type Reply = Registered;

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<Registered>, Rejection> {
        // Before anything else, so that whoever has none learns nothing.
        let used = self.token.map(|token| admit(state, token, context.now.0.into())).transpose()?.flatten();
        let username = self.username.unwrap_or_else(|| context.entropy.token(12).to_lowercase());
        let user_id = check_username(&username, context.server_name)?;
        if state.names.has_user(&user_id) {
            return Err(Rejection::new(400, ErrorKind::UserInUse, "That user name is taken."));
        }
        if self.email.as_ref().is_some_and(|email| state.names.user_of_email(email).is_some()) {
            return Err(in_use());
        }
        let own = Stream::User(user_id.clone());
        let mut facts = vec![NewFact::Own(Fact::AccountRegistered(AccountRegistered { user_id: user_id.clone() }))];
        if let Some(email) = self.email {
            facts.push(NewFact::Own(Fact::EmailAdded(EmailAdded { user_id: user_id.clone(), email })));
        }
        if let Some(token) = used {
            facts.push(NewFact::Own(Fact::RegistrationTokenUsed(RegistrationTokenUsed { token })));
        }
        if self.token == Some(SignUpToken::First) {
            let made = AdminMade { by: By::Operator, user_id: user_id.clone() };
            facts.push(NewFact::Own(Fact::AdminMade(made)));
        }
        facts.push(NewFact::Of(own.clone(), Fact::AccountCreated(AccountCreated { user_id: user_id.clone() })));
        if let Some(phc) = self.password_phc {
            let set = PasswordSet { by_link: false, phc, user_id: user_id.clone() };
            facts.push(NewFact::Of(own.clone(), Fact::PasswordSet(set)));
        }
        // As everywhere: who has said nothing else is shown by their user name.
        let name = ProfileFieldSet {
            field: DISPLAY_NAME.to_owned(),
            user_id: user_id.clone(),
            value: Some(user_id.localpart().into()),
        };
        facts.push(NewFact::Of(own.clone(), Fact::ProfileFieldSet(name)));
        let session = match self.session {
            Some(session) => {
                let (opened, session_facts) = session.open(&user_id, context)?;
                facts.extend(session_facts.into_iter().map(|fact| NewFact::Of(own.clone(), fact)));
                Some(opened)
            }
            None => None,
        };
        Ok(Decision::Accept { facts, reply: Registered { user_id, session } })
    }
}

/// Whether somebody may sign up with a token now, and the hash under which the use is counted.
fn admit(state: &DirectoryState, token: SignUpToken, now_ms: u64) -> Result<Option<RegistrationTokenHash>, Rejection> {
    let allowed = match token {
        SignUpToken::Configured(allowed) => Some(allowed),
        SignUpToken::Invite(hash) => state.invites.of_token(hash),
        SignUpToken::First if state.names.is_empty() => return Ok(None),
        SignUpToken::First => None,
    };
    let allowed = allowed.filter(|allowed| allowed.counts(state.tokens.of(allowed.hash), now_ms));
    allowed.map(|allowed| Some(allowed.hash)).ok_or_else(token_refused)
}

/// The user id that a name makes: lower-case letters, digits and `._=-/+`, one at least.
///
/// # Errors
/// 400 `M_INVALID_USERNAME`.
pub fn check_username(username: &str, server_name: &ServerName) -> Result<OwnedUserId, Rejection> {
    let invalid = |message: &'static str| Rejection::new(400, ErrorKind::InvalidUsername, message);
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._=-/+".contains(&b);
    if username.is_empty() || !username.bytes().all(is_allowed) {
        return Err(invalid("A user name is made of lower-case letters, digits and the signs . _ = - / +"));
    }
    // "@" and ":" are the two bytes more.
    if username.len() + server_name.as_str().len() + 2 > USER_ID_BYTES_MAX {
        return Err(invalid("That user name is too long."));
    }
    UserId::parse(format!("@{username}:{server_name}")).map_err(|_| invalid("That is not a user name."))
}
