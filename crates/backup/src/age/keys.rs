//! Keys as age writes them.

use std::{fmt, str::FromStr};

use bech32::{Bech32, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// What a recipient begins with.
const RECIPIENT: &str = "age";
/// What an identity begins with, in small letters.
const IDENTITY: &str = "age-secret-key-";
/// Letters of a file of identities, at most.
const FILE_LETTERS_MAX: usize = 64 << 10;

/// Not a key that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// It is no recipient.
    #[error(
        "is no recipient of age with an X25519 key: it begins with `age1` and has 62 letters, as `age-keygen` prints it"
    )]
    Recipient,
    /// It holds no identity.
    #[error(
        "holds no identity of age with an X25519 key: a line that begins with `AGE-SECRET-KEY-1`, as `age-keygen` prints it"
    )]
    Identity,
}

/// Who can open what is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient(PublicKey);

impl Recipient {
    pub(super) const fn key(&self) -> &PublicKey {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let key = decode(RECIPIENT, text).ok_or(NoKey::Recipient)?;
        Ok(Self(PublicKey::from(*key)))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hrp = Hrp::parse(RECIPIENT).map_err(|_| fmt::Error)?;
        f.write_str(&bech32::encode::<Bech32>(hrp, self.0.as_bytes()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What opens it. Memory is wiped when it goes.
#[derive(Clone)]
pub struct Identity(StaticSecret);

impl Identity {
    /// Who this is, for those who encrypt.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(PublicKey::from(&self.0))
    }

    /// The first identity in a file as `age-keygen` writes it: comments, and a key a line.
    ///
    /// # Errors
    /// [`NoKey::Identity`] when there is none.
    pub fn from_file_text(text: &str) -> Result<Self, NoKey> {
        let text = if text.len() <= FILE_LETTERS_MAX { text } else { "" };
        text.lines().find_map(|line| line.trim().parse().ok()).ok_or(NoKey::Identity)
    }

    pub(super) const fn secret(&self) -> &StaticSecret {
        &self.0
    }
}

impl FromStr for Identity {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let key = decode(IDENTITY, text).ok_or(NoKey::Identity)?;
        Ok(Self(StaticSecret::from(*key)))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity of {}", self.recipient())
    }
}

fn decode(begins: &str, text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text).ok()?;
    if !checked.hrp().as_str().eq_ignore_ascii_case(begins) {
        return None;
    }
    let bytes = Zeroizing::new(checked.byte_iter().collect::<Vec<u8>>());
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}
