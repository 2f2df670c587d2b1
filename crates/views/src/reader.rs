//! Who reads, and whom they ignore (spec: "Ignoring Users").
//!
//! Everything that is shown to somebody is shown to a [`Reader`], and a reader knows whom they ignore: there is no way to make
//! one without having looked that up. State stays visible whoever sent it, because a room's name and members are not its
//! sender's alone.

use std::{collections::BTreeSet, sync::Arc};

use domain::user::data::{IGNORED_USER_LIST, ignored_users};
use projection::{Rows, ViewFault};
use ruma::{OwnedUserId, UserId};

use crate::account_data::global_data;

/// Something that somebody said at a position of a room's timeline.
pub trait Said {
    /// Where in the log it is.
    fn position(&self) -> u64;
    /// Who said it.
    fn sender(&self) -> &UserId;
    /// Whether it is a piece of the room's state.
    fn is_state(&self) -> bool;
}

/// A person who reads, with whom they ignore, as of the rows that answer them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    user: OwnedUserId,
    ignored: BTreeSet<OwnedUserId>,
    list_set_at: u64,
}

impl Reader {
    /// Looks up whom `user` ignores. Once for each answer, of the rows that it is made from.
    ///
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub fn load(rows: &dyn Rows, user: &UserId) -> Result<Self, ViewFault> {
        let (list_set_at, content) = global_data(rows, user, IGNORED_USER_LIST)?.unzip();
        let mut ignored = content.map(|content| ignored_users(&content)).unwrap_or_default();
        // Nobody can be kept from what they said themselves.
        ignored.remove(user);
        let inner = Inner { user: user.to_owned(), ignored, list_set_at: list_set_at.unwrap_or_default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The person.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.inner.user
    }

    /// Whether the person ignores anybody.
    #[must_use]
    pub fn ignores_anybody(&self) -> bool {
        !self.inner.ignored.is_empty()
    }

    /// Whether the person ignores `user`.
    #[must_use]
    pub fn ignores(&self, user: &UserId) -> bool {
        self.inner.ignored.contains(user)
    }

    /// Whether the person does not want this: said by somebody whom they ignore, and no state.
    #[must_use]
    pub fn hides(&self, said: &impl Said) -> bool {
        self.ignores_anybody() && !said.is_state() && self.ignores(said.sender())
    }

    /// Whether the list was set after position `since`.
    #[must_use]
    pub fn changed_list_since(&self, since: u64) -> bool {
        self.inner.list_set_at > since
    }
}
