//! User-interactive authentication (spec: "User-Interactive Authentication API"), without state: every flow of this
//! server has one stage, so that a session says only when it was begun and for what.

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::directory::EmailAddress;
use engine::Engine;
use ruma::{
    OwnedUserId, UserId,
    api::{
        client::uiaa::{AuthData, AuthFlow, AuthType, UiaaInfo, UserIdentifier},
        error::{ErrorKind, StandardErrorBody},
    },
};
use sha2::{Digest, Sha256};

use crate::{
    error::ApiError,
    extract::Sender,
    limits::{Guesser, Limits},
};

/// How long a session can be completed, in milliseconds.
const SESSION_MS: u64 = 15 * 60 * 1_000;
/// Passwords beyond this are not hashed: hashing time would be the sender's to choose.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1_024;

/// The longest user id there is (spec: "User Identifiers"). What is longer names nobody.
const USER_ID_BYTES_MAX: usize = 255;

/// Signs sessions. A new one with each start of the process: sessions do not outlive it.
static SECRET: OnceLock<[u8; 32]> = OnceLock::new();

/// What is asked for before a request is carried out.
pub(crate) struct Ask<'a> {
    engine: &'a Engine,
    stage: AuthType,
    purpose: &'a str,
}

impl<'a> Ask<'a> {
    /// Asks for one stage. A session counts only for the purpose that it was begun for.
    pub(crate) fn new(engine: &'a Engine, stage: AuthType, purpose: &'a str) -> Self {
        Self { engine, stage, purpose }
    }

    /// 401 with what is asked for and a session to answer in.
    pub(crate) fn again(&self, why: Option<(ErrorKind, &str)>) -> ApiError {
        let mut info = UiaaInfo::new(vec![AuthFlow::new(vec![self.stage.clone()])]);
        info.params = serde_json::value::to_raw_value(&serde_json::json!({})).ok();
        info.session = Some(self.session(u64::from(self.engine.now().0) + SESSION_MS));
        info.auth_error = why.map(|(kind, message)| Box::new(StandardErrorBody::new(kind, message.to_owned())));
        ApiError::Uiaa(Box::new(info))
    }

    /// The answer to what is asked for.
    ///
    /// # Errors
    /// 401 with what is asked for: when there is no answer, one to another stage, or one in a session that has expired
    /// or belongs to another request. An answer without a session counts, as clients give one to what they foresee.
    pub(crate) fn answer<'d>(&self, auth: Option<&'d AuthData>) -> Result<&'d AuthData, ApiError> {
        let Some(auth) = auth else { return Err(self.again(None)) };
        if auth.auth_type().as_ref() != Some(&self.stage) {
            return Err(self.again(Some((ErrorKind::Forbidden, "Another kind of authentication is asked for."))));
        }
        match auth.session() {
            Some(session) if !self.is_valid(session) => {
                Err(self.again(Some((ErrorKind::Forbidden, "The session has expired. Begin again."))))
            }
            _ => Ok(auth),
        }
    }

    fn session(&self, expires_at_ms: u64) -> String {
        let secret = SECRET.get_or_init(|| self.engine.entropy().bytes());
        let expiry = expires_at_ms.to_be_bytes();
        let proof = Sha256::new().chain_update(secret).chain_update(expiry).chain_update(self.purpose).finalize();
        URL_SAFE_NO_PAD.encode([&expiry[..], &proof[..]].concat())
    }

    fn is_valid(&self, session: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(session).unwrap_or_default();
        let Some(expiry) = bytes.first_chunk::<8>() else { return false };
        let expires_at_ms = u64::from_be_bytes(*expiry);
        expires_at_ms > u64::from(self.engine.now().0) && self.session(expires_at_ms) == session
    }
}

/// Makes sure that it is the sender who asks, by password.
///
/// # Errors
/// 401 with what is asked for until the password is right, 429 after too many attempts.
pub(crate) async fn confirm(
    engine: &Engine,
    limits: &Limits,
    sender: &Sender,
    auth: Option<&AuthData>,
) -> Result<(), ApiError> {
    let ask = Ask::new(engine, AuthType::Password, sender.user_id.as_str());
    let AuthData::Password(given) = ask.answer(auth)? else { return Err(ask.again(None)) };
    // Strangers cannot make this fail: what they try is counted elsewhere.
    let attempt = limits.guess(sender.user_id.as_str(), Guesser::Session(&sender.device_id))?;
    let is_sender = user_of(engine, &given.identifier)?.is_some_and(|user_id| user_id == sender.user_id);
    let phc = if is_sender { views::accounts::password_phc(&*engine.rows(), &sender.user_id)? } else { None };
    if given.password.len() > PASSWORD_BYTES_MAX || !engine.passwords().verify(given.password.clone(), phc).await? {
        return Err(ask.again(Some((ErrorKind::Forbidden, "The password is wrong."))));
    }
    attempt.was_right();
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
