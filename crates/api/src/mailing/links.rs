//! The links in messages. A link says whom it is for and until when, and carries an HMAC of that and of what it stands on: for a new
//! password, the one that the account has now. So nothing is kept of links, and they end when what they stand on changes:
//! `docs/decisions/0077-links-in-mail-are-signed.md`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    directory::EmailAddress,
    user::{
        TokenHash,
        admin::{RESET_TIME_MS, ResetBy},
    },
};
use engine::Engine;
use hmac::{Hmac, KeyInit, Mac};
use ruma::{ClientSecret, OwnedUserId, UserId};
use sha2::Sha256;
use views::{Rows, ViewFault};

/// How long whoever reads an address can say that an account is theirs, milliseconds: a week.
pub const CONFIRM_TIME_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// How long whoever reads an address can say that it was they who want to add it, and for how long that counts, milliseconds: a day.
pub const PROOF_TIME_MS: u64 = 24 * 60 * 60 * 1_000;

/// What tokens begin with, so that none is taken for one of an admin's link.
const PREFIX: &str = "mail.";
/// The same of those that prove an address, which no account has yet.
const PROOF_PREFIX: &str = "proof.";
/// Bytes of the moment in a token: milliseconds, until the year 10889.
const TIME_BYTES: usize = 6;
/// Bytes of the HMAC in a token: half of it (RFC 2104, section 5).
const MAC_BYTES: usize = 16;
/// Bytes of the HMAC that is the name of a session: 24 letters.
const SESSION_BYTES: usize = 18;
/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;
/// The longest token, bytes: no user id is longer than 255, and no address than 254.
const TOKEN_BYTES_MAX: usize = 512;

/// What links are made with: whoever has it can make links for everybody. One that is lost ends those that are out.
#[derive(Clone)]
pub struct MailKey(pub [u8; 32]);

/// What a link is for.
#[derive(Clone, Copy)]
enum For<'a> {
    /// A new password instead of this one: the hash of its hash.
    NewPassword(Option<&'a TokenHash>),
    /// An address that is right.
    Confirmation,
}

/// A link that sets a new password, and counts now.
pub(crate) struct MailedReset {
    pub(crate) user_id: OwnedUserId,
    pub(crate) expires_at_ms: u64,
    pub(crate) by: ResetBy,
}

/// A link that confirms an address, and counts now.
pub(crate) struct Confirmation {
    pub(crate) user_id: OwnedUserId,
    pub(crate) email: EmailAddress,
}

/// A link that proves an address in a session, and counts now.
pub(crate) struct Proof {
    pub(crate) session: String,
    pub(crate) email: EmailAddress,
    pub(crate) expires_at_ms: u64,
}

impl MailKey {
    /// The token of a link that sets a new password of `user_id`, who has the verified address `email`, and until when it counts.
    ///
    /// # Errors
    /// Storage failed.
    pub(super) fn reset_token(
        &self,
        rows: &dyn Rows,
        user_id: &UserId,
        email: &EmailAddress,
        asked_at_ms: u64,
    ) -> Result<(String, u64), ViewFault> {
        let password = password(rows, user_id)?;
        let expires_at_ms = asked_at_ms.saturating_add(RESET_TIME_MS);
        Ok((self.token(For::NewPassword(password.as_ref()), user_id, email, expires_at_ms), expires_at_ms))
    }

    /// The token of a link that says that `email` is right for `user_id`, and until when it counts.
    pub(super) fn confirmation_token(&self, user_id: &UserId, email: &EmailAddress, asked_at_ms: u64) -> (String, u64) {
        let expires_at_ms = asked_at_ms.saturating_add(CONFIRM_TIME_MS);
        (self.token(For::Confirmation, user_id, email, expires_at_ms), expires_at_ms)
    }

    /// The link that sets a new password with this token, if it counts: the account has the address that it was sent to, verified, and the
    /// password that it had then.
    ///
    /// # Errors
    /// Storage failed.
    pub(crate) fn reset(&self, engine: &Engine, token: &str) -> Result<Option<MailedReset>, ViewFault> {
        let Some(read) = Read::of(engine, token) else { return Ok(None) };
        let rows = engine.rows();
        let password = password(&*rows, &read.user_id)?;
        for row in views::accounts::emails(&*rows, &read.user_id)? {
            if self.made(&read, For::NewPassword(password.as_ref()), &row.email)
                && views::accounts::email_verified_at(&*rows, &read.user_id, &row.email)?.is_some()
            {
                let Read { user_id, expires_at_ms, .. } = read;
                return Ok(Some(MailedReset { user_id, expires_at_ms, by: ResetBy::Email { password, expires_at_ms } }));
            }
        }
        Ok(None)
    }

    /// The link that confirms an address with this token, if it counts: the account has the address.
    ///
    /// # Errors
    /// Storage failed.
    pub(crate) fn confirmation(&self, engine: &Engine, token: &str) -> Result<Option<Confirmation>, ViewFault> {
        let Some(read) = Read::of(engine, token) else { return Ok(None) };
        let emails = views::accounts::emails(&*engine.rows(), &read.user_id)?;
        let found = emails.into_iter().find(|row| self.made(&read, For::Confirmation, &row.email));
        Ok(found.map(|row| Confirmation { user_id: read.user_id, email: row.email }))
    }

    /// The name of the session in which a client with this secret waits for proof of an address.
    pub(super) fn session(&self, secret: &ClientSecret, email: &EmailAddress) -> String {
        let mac = self.mac_of(&[b"session", secret.as_str().as_bytes(), email.as_str().as_bytes()]).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(mac.split_at(SESSION_BYTES).0)
    }

    /// The token of a link by which whoever reads an address says that it was they who asked in a session, and until when it counts. The
    /// session and the address stand in it, because nothing else knows them.
    pub(super) fn proof_token(&self, session: &str, email: &EmailAddress, asked_at_ms: u64) -> (String, u64) {
        let expires_at_ms = asked_at_ms.saturating_add(PROOF_TIME_MS);
        let mac = self.mac_of_proof(session, email.as_str(), expires_at_ms).finalize().into_bytes();
        let what = format!("{session}{email}");
        (encoded(PROOF_PREFIX, expires_at_ms, &mac, what.as_bytes()), expires_at_ms)
    }

    /// What a link with this token proves, if it counts.
    pub(crate) fn proof(&self, engine: &Engine, token: &str) -> Option<Proof> {
        let Parts { expires_at_ms, mac, what } = Parts::of(engine, token, PROOF_PREFIX)?;
        let (session, email) = what.split_at_checked(SESSION_BYTES / 3 * 4)?;
        self.mac_of_proof(session, email, expires_at_ms).verify_truncated_left(&mac).ok()?;
        Some(Proof { session: session.to_owned(), email: EmailAddress::parse(email).ok()?, expires_at_ms })
    }

    fn token(&self, purpose: For<'_>, user_id: &UserId, email: &EmailAddress, expires_at_ms: u64) -> String {
        let mac = self.mac(purpose, user_id, email, expires_at_ms).finalize().into_bytes();
        encoded(PREFIX, expires_at_ms, &mac, user_id.localpart().as_bytes())
    }

    /// Whether a token was made by this key for this. The time it takes tells nothing of the right one.
    fn made(&self, read: &Read, purpose: For<'_>, email: &EmailAddress) -> bool {
        self.mac(purpose, &read.user_id, email, read.expires_at_ms).verify_truncated_left(&read.mac).is_ok()
    }

    fn mac(&self, purpose: For<'_>, user_id: &UserId, email: &EmailAddress, expires_at_ms: u64) -> Hmac<Sha256> {
        let (word, password) = match purpose {
            For::NewPassword(password) => ("new password", password.map_or([].as_slice(), |hash| &hash.0)),
            For::Confirmation => ("confirmation", [].as_slice()),
        };
        let time = expires_at_ms.to_be_bytes();
        self.mac_of(&[word.as_bytes(), user_id.as_bytes(), email.as_str().as_bytes(), &time, password])
    }

    fn mac_of_proof(&self, session: &str, email: &str, expires_at_ms: u64) -> Hmac<Sha256> {
        self.mac_of(&[b"proof", session.as_bytes(), email.as_bytes(), &expires_at_ms.to_be_bytes()])
    }

    fn mac_of(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // A key is filled up with zeros to a block of the hash (RFC 2104, section 2).
        let mut block = [0; BLOCK_BYTES];
        block.split_at_mut(self.0.len()).0.copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in parts {
            // With its length, so that no part can pass for the end of the one before.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

fn encoded(prefix: &str, expires_at_ms: u64, mac: &[u8], what: &[u8]) -> String {
    let time = expires_at_ms.to_be_bytes();
    let bytes = [time.split_at(time.len() - TIME_BYTES).1, mac.split_at(MAC_BYTES).0, what].concat();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The parts of a token that has the right form and has not expired. Nothing in it is to be believed yet.
struct Parts {
    expires_at_ms: u64,
    mac: Vec<u8>,
    what: String,
}

impl Parts {
    fn of(engine: &Engine, token: &str, prefix: &str) -> Option<Self> {
        let text = token.strip_prefix(prefix).filter(|text| text.len() <= TOKEN_BYTES_MAX)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (time, rest) = bytes.split_at_checked(TIME_BYTES)?;
        let (mac, what) = rest.split_at_checked(MAC_BYTES)?;
        let expires_at_ms = time.iter().fold(0, |time, byte| time << 8 | u64::from(*byte));
        let what = std::str::from_utf8(what).ok()?.to_owned();
        (u64::from(engine.now().0) < expires_at_ms).then(|| Self { expires_at_ms, mac: mac.to_vec(), what })
    }
}

/// The same of a token that is for an account.
struct Read {
    user_id: OwnedUserId,
    expires_at_ms: u64,
    mac: Vec<u8>,
}

impl Read {
    fn of(engine: &Engine, token: &str) -> Option<Self> {
        let Parts { expires_at_ms, mac, what } = Parts::of(engine, token, PREFIX)?;
        let user_id = UserId::parse(format!("@{what}:{}", engine.server_name())).ok()?;
        Some(Self { user_id, expires_at_ms, mac })
    }
}

/// Which password an account has: the hash of its hash.
fn password(rows: &dyn Rows, user_id: &UserId) -> Result<Option<TokenHash>, ViewFault> {
    Ok(views::accounts::password_phc(rows, user_id)?.map(|phc| TokenHash::of(&phc)))
}
