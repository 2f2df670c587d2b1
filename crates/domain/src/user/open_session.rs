//! Opens a session (spec: `POST /_matrix/client/v3/login`). Whether the password was right has been found out before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ruma::{OwnedDeviceId, OwnedUserId, UserId};

use super::{
    UserState,
    devices::{DEVICES_MAX, check_device},
    facts::{CredentialsSet, SessionOpened},
    token::{RefreshToken, TokenHash},
};
use crate::{Command, Context, Decision, Entropy, Fact, Rejection};

/// Letters in a device id that the server makes up.
const DEVICE_ID_LETTERS: usize = 10;

/// How a session is to be opened.
#[derive(Clone, Debug, Default)]
pub struct NewSession {
    /// The device; one is made up when there is none. If it has a session, that one is replaced.
    pub device_id: Option<OwnedDeviceId>,
    /// A name for a new device.
    pub display_name: Option<String>,
    /// How long the access token is to live, for a client that can refresh it; none for as long as the session.
    pub lifetime_ms: Option<u64>,
}

/// Tokens that a client is given. They are nowhere else.
pub struct OpenedSession {
    /// The device.
    pub device_id: OwnedDeviceId,
    /// The access token.
    pub access_token: String,
    /// The refresh token, if the access token ends.
    pub refresh_token: Option<String>,
    /// How long the access token lives from now, in milliseconds.
    pub lifetime_ms: Option<u64>,
}

impl std::fmt::Debug for OpenedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedSession").field("device_id", &self.device_id).finish_non_exhaustive()
    }
}

impl NewSession {
    /// Opens the session on an account that has none on that device.
    ///
    /// # Errors
    /// 400 `M_INVALID_PARAM` for ids and names beyond their bounds.
    pub(crate) fn open(self, user_id: &UserId, context: &Context<'_>) -> Result<(OpenedSession, Vec<Fact>), Rejection> {
        check_device(self.device_id.as_deref(), self.display_name.as_deref())?;
        let device_id = self.device_id.unwrap_or_else(|| context.entropy.token(DEVICE_ID_LETTERS).into());
        let opened = Fact::SessionOpened(SessionOpened {
            user_id: user_id.to_owned(),
            device_id: device_id.clone(),
            display_name: self.display_name,
        });
        let (session, credentials) = issue(user_id, device_id, self.lifetime_ms, None, context);
        Ok((session, vec![opened, credentials]))
    }
}

/// New tokens for a session, and the fact that makes them count. A refresh token begins as the one that was shown for it.
pub(super) fn issue(
    user_id: &UserId,
    device_id: OwnedDeviceId,
    lifetime_ms: Option<u64>,
    refreshed: Option<&RefreshToken>,
    context: &Context<'_>,
) -> (OpenedSession, Fact) {
    let access_token = new_token("hearth", &context.entropy);
    let refresh_token = lifetime_ms.map(|_| {
        let family = refreshed.and_then(RefreshToken::family).map(str::to_owned);
        let family = family.unwrap_or_else(|| new_token("hearthr", &context.entropy));
        format!("{family}.{}", URL_SAFE_NO_PAD.encode(context.entropy.bytes()))
    });
    let shown = refresh_token.as_deref().map(RefreshToken::of);
    let fact = Fact::CredentialsSet(CredentialsSet {
        user_id: user_id.to_owned(),
        device_id: device_id.clone(),
        access_token: TokenHash::of(&access_token),
        expires_at_ms: lifetime_ms.map(|lifetime_ms| u64::from(context.now.0).saturating_add(lifetime_ms)),
        family: shown.as_ref().and_then(RefreshToken::family_hash),
        refresh_token: shown.as_ref().map(RefreshToken::hash),
        refreshed: refreshed.map(RefreshToken::hash),
    });
    (OpenedSession { device_id, access_token, refresh_token, lifetime_ms }, fact)
}

/// A new token with a prefix by which scanners find one that was published by mistake.
fn new_token(prefix: &str, entropy: &Entropy) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(entropy.bytes()))
}

/// Opens a session for a person who has proved who they are.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Whose session.
    pub user_id: OwnedUserId,
    /// How.
    pub session: NewSession,
}

impl Command for OpenSession {
    type On = UserState;
    type Reply = OpenedSession;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<OpenedSession>, Rejection> {
        let user_id = state.account.usable()?;
        let mut facts = Vec::new();
        let known = self.session.device_id.as_ref().filter(|id| state.devices.get(id).is_some());
        if known.is_none() && state.devices.len() >= DEVICES_MAX {
            return Err(Rejection::forbidden("The account has too many sessions. Log out some of them first."));
        }
        // The device's keys stay: a client that logs in again with its old device id still has them, and changed
        // keys under one id would look like an attack to everybody else.
        let (session, opened) = match known {
            Some(device_id) => {
                let (session, credentials) = issue(user_id, device_id.clone(), self.session.lifetime_ms, None, context);
                (session, vec![credentials])
            }
            None => self.session.open(user_id, context)?,
        };
        facts.extend(opened);
        Ok(Decision::accept(facts, session))
    }
}
