//! Who is told: folds name an audience where they write rows, and it is resolved to people once the rows are committed.

use projection::{Fault, Rows};
use ruma::{OwnedRoomId, OwnedUserId};

use crate::membership::{joined_members, users_sharing_rooms};

/// Those whose next sync a fact changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// This person.
    Person(OwnedUserId),
    /// Everybody who is joined to this room.
    Room(OwnedRoomId),
    /// This person and everybody in a room with them: who is told that the person's devices or keys changed.
    Observers(OwnedUserId),
}

/// What the folds of this crate touch.
pub type Touched = projection::Touched<Audience>;

impl Audience {
    /// The people, as of `rows`, which have folded the facts that touched them. Who came to a room or left it by one of these
    /// facts is touched by that one as a person.
    ///
    /// # Errors
    /// A [`Fault`] when rows cannot be read.
    pub fn people(self, rows: &dyn Rows) -> Result<Vec<OwnedUserId>, Fault> {
        match self {
            Self::Person(user) => Ok(vec![user]),
            Self::Room(room) => joined_members(rows, &room),
            Self::Observers(user) => {
                let mut observers = users_sharing_rooms(rows, &user)?;
                observers.insert(user);
                Ok(observers.into_iter().collect())
            }
        }
    }
}
