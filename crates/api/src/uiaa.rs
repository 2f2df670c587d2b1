//! User-interactive authentication (spec: "User-Interactive Authentication API"). Every flow of this server has one stage.

mod interactive;
pub(crate) mod remembered;

use domain::{Rejection, directory::EmailAddress};
use engine::Engine;
use ruma::{
    OwnedUserId, UserId,
    api::{
        client::uiaa::{AuthData, AuthFlow, AuthType, UiaaInfo, UserIdentifier},
        error::{ErrorKind, StandardErrorBody},
    },
};

pub(crate) use interactive::{Begun, Interactive};

use remembered::{Owner, Remembered};

use crate::{
    error::ApiError,
    extract::Sender,
    limits::{Guesser, Limits},
};

/// Letters of the name of a session.
const SESSION_LETTERS: usize = 24;
/// Passwords beyond this are not hashed: hashing time would be the sender's to choose.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1_024;

/// The longest user id there is (spec: "User Identifiers"). What is longer names nobody.
const USER_ID_BYTES_MAX: usize = 255;

/// What is asked for before a request is carried out.
pub(crate) struct Ask<'a> {
    engine: &'a Engine,
    /// Each is a flow of its own.
    stages: Vec<AuthType>,
    begun: &'a Begun,
    owner: Owner,
}

impl<'a> Ask<'a> {
    /// Asks for one stage. A session counts only for the request that it was begun for, and only for the device that began it.
    pub(crate) fn new(engine: &'a Engine, stage: AuthType, begun: &'a Begun, owner: Owner) -> Self {
        Self { engine, stages: vec![stage], begun, owner }
    }

    /// Also lets somebody in who completes this stage instead.
    pub(crate) fn or(mut self, stage: AuthType) -> Self {
        self.stages.push(stage);
        self
    }

    /// 401 with what is asked for and a session to answer in: the one that the answer came in, or a new one.
    pub(crate) fn again(&self, auth: Option<&AuthData>, why: Option<(ErrorKind, &str)>) -> ApiError {
        let mut info = UiaaInfo::new(self.stages.iter().map(|stage| AuthFlow::new(vec![stage.clone()])).collect());
        info.params = serde_json::value::to_raw_value(&serde_json::json!({})).ok();
        let known = auth.and_then(AuthData::session).filter(|session| self.known(session).is_some());
        info.session = Some(known.map_or_else(|| self.begin(), str::to_owned));
        info.auth_error = why.map(|(kind, message)| Box::new(StandardErrorBody::new(kind, message.to_owned())));
        ApiError::Uiaa(Box::new(info))
    }

    /// The answer to what is asked for.
    ///
    /// # Errors
    /// 401 with what is asked for: when there is no answer, one to another stage, or one in a session that has expired or was completed;
    /// 403 `M_FORBIDDEN` when the session is of another device. An answer without a session counts, as clients give one to what they
    /// foresee.
    pub(crate) fn answer<'d>(&self, auth: Option<&'d AuthData>) -> Result<&'d AuthData, ApiError> {
        let Some(given) = auth else { return Err(self.again(auth, None)) };
        if let Some(session) = given.session() {
            let expired = || self.again(auth, Some((ErrorKind::Forbidden, "The session has expired. Begin again.")));
            if self.known(session).ok_or_else(expired)?.owner != self.owner {
                return Err(Rejection::forbidden("The session was begun by another device.").into());
            }
        }
        if given.auth_type().is_none_or(|stage| !self.stages.contains(&stage)) {
            return Err(self.again(auth, Some((ErrorKind::Forbidden, "Another kind of authentication is asked for."))));
        }
        Ok(given)
    }

    /// The request is carried out: its session counts no more.
    pub(crate) fn finish(&self, auth: Option<&AuthData>) {
        if let Some(session) = auth.and_then(AuthData::session) {
            self.begun.authentications.forget(session);
        }
    }

    fn begin(&self) -> String {
        let id = self.engine.entropy().token(SESSION_LETTERS);
        let now_ms = self.engine.now().0.into();
        self.begun.authentications.remember(&id, &self.begun.route, self.owner.clone(), &self.begun.body, now_ms);
        id
    }

    fn known(&self, session: &str) -> Option<Remembered> {
        self.begun.authentications.get(session, self.engine.now().0.into())
    }
}

/// Makes sure that it is the sender who asks, by password.
///
/// # Errors
/// 401 with what is asked for until the password is right, 403 for somebody else's, 429 after too many attempts.
pub(crate) async fn confirm(
    engine: &Engine,
    limits: &Limits,
    sender: &Sender,
    begun: &Begun,
    auth: Option<&AuthData>,
) -> Result<(), ApiError> {
    let owner = Some((sender.user_id.clone(), sender.device_id.clone()));
    let ask = Ask::new(engine, AuthType::Password, begun, owner);
    let AuthData::Password(given) = ask.answer(auth)? else { return Err(ask.again(auth, None)) };
    // Strangers cannot make this fail: what they try is counted elsewhere.
    let attempt = limits.guess(sender.user_id.as_str(), Guesser::Session(&sender.device_id))?;
    // The same for somebody else's name and for nobody's: which addresses have accounts is told to nobody.
    if user_of(engine, &given.identifier)?.is_none_or(|user_id| user_id != sender.user_id) {
        return Err(Rejection::forbidden("That is not your account.").into());
    }
    let phc = views::accounts::password_phc(&*engine.rows(), &sender.user_id)?;
    if given.password.len() > PASSWORD_BYTES_MAX || !engine.passwords().verify(given.password.clone(), phc).await? {
        return Err(ask.again(auth, Some((ErrorKind::Forbidden, "The password is wrong."))));
    }
    attempt.was_right();
    ask.finish(auth);
    Ok(())
}

/// Whom an identifier names: a user id, the part before the colon, or an email address. None for nobody here.
///
/// # Errors
/// Storage failed.
pub(crate) fn user_of(engine: &Engine, identifier: &UserIdentifier) -> Result<Option<OwnedUserId>, ApiError> {
    match identifier {
        UserIdentifier::Matrix(name) => Ok(user_of_name(engine, &name.user)),
        UserIdentifier::Email(email) => match EmailAddress::parse(&email.address) {
            Ok(email) => Ok(views::accounts::user_by_email(&*engine.rows(), &email)?),
            Err(_) => Ok(None),
        },
        _ => Ok(None),
    }
}

/// The user id that a name stands for here. People write their names with capitals; ids have none.
pub(crate) fn user_of_name(engine: &Engine, name: &str) -> Option<OwnedUserId> {
    if name.len() > USER_ID_BYTES_MAX {
        return None;
    }
    let name = name.trim().to_lowercase();
    let user_id = if name.starts_with('@') { name } else { format!("@{name}:{}", engine.server_name()) };
    let user_id = UserId::parse(user_id).ok()?;
    (user_id.server_name() == engine.server_name()).then_some(user_id)
}
