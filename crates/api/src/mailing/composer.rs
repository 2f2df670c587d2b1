//! What a message says, made when it is sent. Whoever has no account, or not any more, gets none.

use std::error::Error;

use domain::directory::EmailAddress;
use engine::Engine;
use mail::{Compose, Letter, What, Wish};
use ruma::UserId;
use views::ViewFault;

use super::{links::MailKey, wording};
use crate::web_links;

/// Writes messages.
pub struct Composer {
    engine: Engine,
    web_url: String,
    key: MailKey,
}

impl Composer {
    /// Writes of the accounts of `engine`, with links made by `key` that lead to `web_url`, which has no slash at the end.
    #[must_use]
    pub fn new(engine: Engine, web_url: String, key: MailKey) -> Self {
        Self { engine, web_url, key }
    }

    /// For whoever has the address. To one that is not verified no link is sent: whoever typed it may have meant another.
    fn reset(&self, wish: &Wish, email: &EmailAddress) -> Result<Option<Letter>, ViewFault> {
        let rows = self.engine.rows();
        let Some(user_id) = views::accounts::user_by_email(&*rows, email)? else { return Ok(None) };
        if views::accounts::email_verified_at(&*rows, &user_id, email)?.is_none() {
            return Ok(Some(wording::not_confirmed(&user_id, &self.web_url)));
        }
        let (token, expires_at_ms) = self.key.reset_token(&*rows, &user_id, email, wish.at_ms)?;
        Ok(Some(wording::reset(&user_id, &web_links::reset(&self.web_url, &token), expires_at_ms)))
    }

    fn confirmation(&self, wish: &Wish, email: &EmailAddress) -> Result<Option<Letter>, ViewFault> {
        let rows = self.engine.rows();
        let owner = views::accounts::user_by_email(&*rows, email)?;
        let asked_for = wish.user_id.as_deref().and_then(|text| UserId::parse(text).ok());
        let Some(user_id) = asked_for.filter(|user_id| owner.as_ref() == Some(user_id)) else { return Ok(None) };
        if views::accounts::email_verified_at(&*rows, &user_id, email)?.is_some() {
            return Ok(None);
        }
        let (token, expires_at_ms) = self.key.confirmation_token(&user_id, email, wish.at_ms);
        Ok(Some(wording::confirmation(&user_id, &web_links::confirm_email(&self.web_url, &token), expires_at_ms)))
    }

    /// For whoever wants to add an address by a client that waits for proof of it. One that is somebody's already is only told of to its
    /// reader.
    fn proof(&self, wish: &Wish, email: &EmailAddress) -> Result<Option<Letter>, ViewFault> {
        let Some(session) = wish.session.as_deref() else { return Ok(None) };
        if let Some(user_id) = views::accounts::user_by_email(&*self.engine.rows(), email)? {
            return Ok(Some(wording::taken(&user_id, &self.web_url)));
        }
        let (token, expires_at_ms) = self.key.proof_token(session, email, wish.at_ms);
        Ok(Some(wording::proof(&self.web_url, &web_links::confirm_email(&self.web_url, &token), expires_at_ms)))
    }
}

impl Compose for Composer {
    fn compose(&self, wish: &Wish) -> Result<Option<Letter>, Box<dyn Error + Send + Sync>> {
        if !self.engine.is_ready() {
            return Err("the views are being brought up to the log".into());
        }
        // One that is none was written by nobody here.
        let Ok(email) = EmailAddress::parse(&wish.to) else { return Ok(None) };
        let letter = match wish.what {
            What::ResetPassword => self.reset(wish, &email),
            What::ConfirmAddress => self.confirmation(wish, &email),
            What::ProveAddress => self.proof(wish, &email),
        };
        Ok(letter?)
    }
}
