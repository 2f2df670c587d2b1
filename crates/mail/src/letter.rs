//! What a message says.

use std::{error::Error, sync::Arc};

use crate::wish::Wish;

/// A message without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text, lines with LF.
    pub text: String,
}

/// Says what is sent for a wish. Asked once more, it says the same, so that a message that arrives twice is one.
pub trait Compose: Send + Sync {
    /// The message; none when there is nothing to be sent, or not any more.
    ///
    /// # Errors
    /// What it is made of cannot be read now.
    fn compose(&self, wish: &Wish) -> Result<Option<Letter>, Box<dyn Error + Send + Sync>>;
}

impl<C: Compose> Compose for Arc<C> {
    fn compose(&self, wish: &Wish) -> Result<Option<Letter>, Box<dyn Error + Send + Sync>> {
        self.as_ref().compose(wish)
    }
}
