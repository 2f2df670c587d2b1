//! The link that makes the first account, and an admin of it: there is one, made anew, at every start while nobody has signed up.

use anyhow::Result;
use domain::{Entropy, directory::RegistrationTokenHash};
use engine::{Engine, EntropySource as _, SystemEntropy};

use crate::console::{say, say_as_qr};

/// Letters of its token: 165 bits.
const TOKEN_LETTERS: usize = 32;

/// The link, before it is known whether anybody needs it.
pub(super) struct FirstAccount {
    token: String,
}

impl FirstAccount {
    pub(super) fn new() -> Self {
        Self { token: Entropy::new(SystemEntropy.seed()).token(TOKEN_LETTERS) }
    }

    /// What the server knows the link by.
    pub(super) fn hash(&self) -> RegistrationTokenHash {
        RegistrationTokenHash::of(&self.token)
    }

    /// Prints the link if there is no account. The engine's views must follow the log.
    ///
    /// # Errors
    /// The rows cannot be read, or nobody reads the output any more.
    pub(super) fn tell(&self, engine: &Engine, link: impl Fn(&str) -> String) -> Result<()> {
        if !views::accounts::accounts_after(&*engine.rows(), None, 1)?.is_empty() {
            return Ok(());
        }
        let link = link(&self.token);
        say(&format!("nobody has signed up yet; whoever opens this link first does, as the admin: {link}"))?;
        say_as_qr(&link)
    }
}
