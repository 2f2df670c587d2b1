//! Email to people: what is sent and when, and the links in it. How it goes out is `mail`'s.

mod composer;
mod links;
pub(crate) mod proofs;
mod wording;

use std::sync::Arc;

use domain::{Rejection, directory::EmailAddress};
use engine::{Engine, SubmitError};
use mail::{PutError, Queue, What, Wish};
use ruma::{ClientSecret, OwnedUserId, UInt};

pub use composer::Composer;
pub use links::{CONFIRM_TIME_MS, MailKey, PROOF_TIME_MS};
pub(crate) use links::{Confirmation, MailedReset, Proof};

use crate::{error::ApiError, limits::Limits};
use proofs::Proofs;

/// What is sent to people's addresses; nothing where the admin has set no mail server. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mailing {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    queue: Queue,
    key: MailKey,
    proofs: Proofs,
}

impl Mailing {
    /// Messages wait in `queue`, and the links in them are made with `key`.
    #[must_use]
    pub fn new(queue: Queue, key: MailKey) -> Self {
        Self { inner: Some(Arc::new(Inner { queue, key, proofs: Proofs::default() })) }
    }

    /// Whether the server sends email.
    pub(crate) fn is_on(&self) -> bool {
        self.inner.is_some()
    }

    /// The key of links in messages.
    pub(crate) fn key(&self) -> Option<&MailKey> {
        self.inner.as_deref().map(|inner| &inner.key)
    }

    /// Sends a link for a new password to an address, if an account has it. Neither the answer nor its time tells whether one has.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` without a mail server, 429 when too much waits already, 500 when it cannot be written down.
    pub(crate) async fn send_reset(&self, engine: &Engine, to: EmailAddress) -> Result<(), ApiError> {
        self.put(engine, to, (None, None), What::ResetPassword).await
    }

    /// The session in which a client waits for proof of an address, and in which whoever reads the address is asked for it. The same
    /// secret and address have the same session, in which an attempt that is not newer than the last sends nothing.
    ///
    /// # Errors
    /// As [`Self::send_reset`], and 429 after too many messages to the address.
    pub(crate) async fn ask_for_proof(
        &self,
        engine: &Engine,
        limits: &Limits,
        to: EmailAddress,
        (secret, attempt): (&ClientSecret, UInt),
    ) -> Result<String, ApiError> {
        let inner = self.inner.as_deref().ok_or_else(sends_none)?;
        let session = inner.key.session(secret, &to);
        if inner.proofs.is_new(&session, attempt) {
            limits.letter(to.as_str())?;
            self.put(engine, to, (None, Some(session.clone())), What::ProveAddress).await?;
            inner.proofs.note(&session, attempt);
        }
        Ok(session)
    }

    /// Whoever reads the address of a session has said that it was they who asked.
    pub(crate) fn prove(&self, proof: Proof) {
        if let Some(inner) = self.inner.as_deref() {
            inner.proofs.prove(&proof.session, proof.email, proof.expires_at_ms);
        }
    }

    /// The address that was proved in a session, for whoever has its secret.
    pub(crate) fn proved(&self, engine: &Engine, session: &str, secret: &ClientSecret) -> Option<EmailAddress> {
        let inner = self.inner.as_deref()?;
        let email = inner.proofs.proved(session, engine.now().0.into())?;
        // Nothing is learned by how long this takes: the session is not secret, and made by a key that is.
        (inner.key.session(secret, &email) == session).then_some(email)
    }

    /// Asks whoever reads an address whether an account is theirs.
    ///
    /// # Errors
    /// As [`Self::send_reset`].
    pub(crate) async fn send_confirmation(
        &self,
        engine: &Engine,
        to: EmailAddress,
        user_id: OwnedUserId,
    ) -> Result<(), ApiError> {
        self.put(engine, to, (Some(user_id), None), What::ConfirmAddress).await
    }

    /// The same where the address was added a moment ago: that is done, whatever comes of the message. Its person can ask for another.
    pub(crate) async fn send_first_confirmation(&self, engine: &Engine, to: EmailAddress, user_id: OwnedUserId) {
        if self.is_on() && self.send_confirmation(engine, to, user_id).await.is_err() {
            tracing::warn!(
                "nobody is asked whether an address is right: there is no room in the queue of mail, or on the disk"
            );
        }
    }

    async fn put(
        &self,
        engine: &Engine,
        to: EmailAddress,
        (user_id, session): (Option<OwnedUserId>, Option<String>),
        what: What,
    ) -> Result<(), ApiError> {
        let inner = self.inner.as_deref().ok_or_else(sends_none)?;
        let user_id = user_id.map(String::from);
        let wish = Wish { at_ms: engine.now().0.into(), to: to.to_string(), user_id, session, what };
        inner.queue.put(wish).await.map_err(|error| match error {
            PutError::Full => SubmitError::Overloaded.into(),
            PutError::Storage(_) => SubmitError::Fault(Box::new(error)).into(),
        })
    }
}

/// 403 `M_FORBIDDEN`.
pub(crate) fn sends_none() -> Rejection {
    Rejection::forbidden("This server sends no email. Ask whoever runs it for a link.")
}
